{{/* An object of which a Kubernetes cluster has one, from its YAML: with the labels of the chart, and kept when crds.keep says so. */}}
{{- define "vectorcluster.installedOnce" -}}
{{- $root := index . 0 -}}
{{- $object := index . 1 | fromYaml -}}
{{- $metadata := set $object.metadata "labels" (include "vectorcluster.labels" $root | fromYaml) -}}
{{- if $root.Values.crds.keep -}}
{{- $metadata = set $metadata "annotations" (dict "helm.sh/resource-policy" "keep") -}}
{{- end -}}
{{- set $object "metadata" $metadata | toYaml -}}
{{- end }}
