{{/* Of the Deployment and all that belongs to it: RELEASE-operator, or RELEASE-vectorcluster-operator when the release is named otherwise. */}}
{{- define "vectorcluster.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- printf "%s-operator" (.Release.Name | trunc 54 | trimSuffix "-") -}}
{{- else -}}
{{- printf "%s-operator" (printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-") -}}
{{- end -}}
{{- end }}

{{/* Of objects outside namespaces, where releases of the same name would meet. */}}
{{- define "vectorcluster.clusterName" -}}
{{- printf "%s-%s" (include "vectorcluster.fullname" .) .Release.Namespace -}}
{{- end }}

{{/* Admission policies take every account whose name ends with -node for a storage node. */}}
{{- define "vectorcluster.serviceAccountName" -}}
{{- $name := default (include "vectorcluster.fullname" .) .Values.serviceAccount.name -}}
{{- if hasSuffix "-node" $name -}}
{{- fail (printf "serviceAccount.name: %s ends with -node, as the accounts of storage nodes do, which may not write what an operator writes: choose another name" $name) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{- define "vectorcluster.watchedNamespace" -}}
{{- default .Release.Namespace .Values.watch.namespace -}}
{{- end }}

{{/* What Services and disruption budgets select by; it never changes. */}}
{{- define "vectorcluster.selectorLabels" -}}
app.kubernetes.io/name: vectorcluster-operator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "vectorcluster.labels" -}}
{{ include "vectorcluster.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: vectorcluster
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Of storage nodes of any cluster. */}}
{{- define "vectorcluster.storageNodeLabels" -}}
app.kubernetes.io/name: vectorcluster
app.kubernetes.io/component: storage-node
{{- end }}

{{/* repository:tag@digest; call it with the image and the appVersion. */}}
{{- define "vectorcluster.image" -}}
{{- $image := index . 0 -}}
{{- printf "%s:%s" $image.repository (default (index . 1) $image.tag) -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end }}
