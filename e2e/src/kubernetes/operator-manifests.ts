/** The operator as the scenarios install it: two replicas that see all namespaces, in a namespace that enforces `restricted`. Pure. */
import { clusterRules, leaseRules, watchedRules, type PolicyRule } from '@vectorcluster/crds/operator-rules.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';

export const operatorNamespace = 'vectorcluster-system';
export const operatorName = 'vectorcluster-operator';
const metricsPort = 9091;
const labels = { 'app.kubernetes.io/name': operatorName };

export function operatorObjects(version: string): readonly KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: operatorNamespace, labels: restricted } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: operatorName, namespace: operatorNamespace, labels } },
    ...role('ClusterRole', { name: operatorName, labels }, [...watchedRules, ...clusterRules]),
    ...role('Role', { name: operatorName, namespace: operatorNamespace, labels }, leaseRules),
    deployment(version),
  ];
}

/** Labels of a namespace in which only Pods without privileges may run. */
export const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

function role(kind: 'Role' | 'ClusterRole', metadata: KubeObject['metadata'], rules: readonly PolicyRule[]): readonly KubeObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const objects = [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: operatorName, namespace: operatorNamespace }],
    },
  ];
  return objects;
}

function deployment(version: string): KubeObject {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: operatorName, namespace: operatorNamespace, labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec(version) } },
  };
  return object;
}

function podSpec(version: string) {
  return {
    serviceAccountName: operatorName,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'operator',
        image: `vectorcluster/operator:${version}`,
        env: [
          fromField('POD_NAME', 'metadata.name'),
          fromField('POD_UID', 'metadata.uid'),
          fromField('NAMESPACE', 'metadata.namespace'),
          { name: 'METRICS_PORT', value: String(metricsPort) },
        ],
        ports: [{ name: 'metrics', containerPort: metricsPort }],
        readinessProbe: { httpGet: { path: '/readyz', port: metricsPort }, periodSeconds: 2 },
        livenessProbe: { httpGet: { path: '/healthz', port: metricsPort }, periodSeconds: 10, failureThreshold: 6 },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}

function fromField(name: string, fieldPath: string) {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
