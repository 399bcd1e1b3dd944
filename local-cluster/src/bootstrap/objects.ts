/** What a new cluster holds before anybody asks: nodes in zones, a StorageClass, and the operator with its rights. Pure. */
import { clusterRules, leaseRules, watchedRules } from '@vectorcluster/crds/operator-rules.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { Node } from '@vectorcluster/kube/types/core.ts';

const kubernetesVersion = 'v1.34.0-local';

type NodeStatus = NonNullable<Node['status']>;

export interface LocalNode {
  readonly name: string;
  readonly zone: string;
}

export const operatorNamespace = 'vectorcluster-system';
export const operatorName = 'vectorcluster-operator';
export const operatorMetricsPort = 9091;

/** `count` nodes called local-a, local-b, … in the given zones in turn. */
export function localNodes(count: number, zones: readonly string[]): readonly LocalNode[] {
  return Array.from({ length: count }, (_, index) => {
    const letters = index < 26 ? String.fromCharCode(97 + index) : `n${index}`;
    return { name: `local-${letters}`, zone: zones[index % zones.length] ?? 'a' };
  });
}

export function nodeObject(node: LocalNode): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': node.zone,
      },
    },
    status: {},
  };
}

/** `cpu` in cores and `memoryBytes` are the whole machine's: all nodes share it. */
export function nodeStatus(cpu: number, memoryBytes: number, address: string, now: string): NodeStatus {
  const capacity = { cpu: String(cpu), memory: `${Math.floor(memoryBytes / 1024)}Ki`, pods: '250' };
  const condition = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'processes of this machine' };
  return {
    capacity,
    allocatable: capacity,
    addresses: [{ type: 'InternalIP', address }],
    conditions: [{ ...condition, lastHeartbeatTime: now, lastTransitionTime: now }],
    nodeInfo: {
      kubeletVersion: kubernetesVersion,
      kubeProxyVersion: kubernetesVersion,
      containerRuntimeVersion: `process://${process.versions.node}`,
      operatingSystem: process.platform,
      architecture: process.arch,
      kernelVersion: '',
      osImage: '',
      bootID: '',
      machineID: '',
      systemUUID: '',
    },
  };
}

export function bootstrapObjects(): readonly KubeObject[] {
  const labels = { 'app.kubernetes.io/name': operatorName };
  const namespaced = (name: string) => ({ name, namespace: operatorNamespace, labels });
  return [
    object('v1', 'Namespace', { name: operatorNamespace }),
    object(
      'storage.k8s.io/v1',
      'StorageClass',
      { name: 'local', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      {
        provisioner: 'vectorcluster.io/local',
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'Immediate',
        allowVolumeExpansion: true,
      },
    ),
    object('v1', 'ServiceAccount', namespaced(operatorName)),
    object(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      { name: operatorName, labels },
      { rules: [...watchedRules, ...leaseRules, ...clusterRules] },
    ),
    object(
      'rbac.authorization.k8s.io/v1',
      'ClusterRoleBinding',
      { name: operatorName, labels },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: operatorName },
        subjects: [{ kind: 'ServiceAccount', name: operatorName, namespace: operatorNamespace }],
      },
    ),
  ];
}

/** The operator as a Pod of its own: a local cluster has no Deployments. */
export function operatorPod(version: string): KubeObject {
  return object(
    'v1',
    'Pod',
    { name: operatorName, namespace: operatorNamespace, labels: { 'app.kubernetes.io/name': operatorName } },
    {
      spec: {
        serviceAccountName: operatorName,
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 10,
        containers: [
          {
            name: 'operator',
            image: `vectorcluster/operator:${version}`,
            env: [
              { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
              { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'METRICS_PORT', value: String(operatorMetricsPort) },
            ],
            ports: [{ name: 'metrics', containerPort: operatorMetricsPort }],
            readinessProbe: { httpGet: { path: '/readyz', port: operatorMetricsPort }, periodSeconds: 2 },
            livenessProbe: { httpGet: { path: '/healthz', port: operatorMetricsPort }, periodSeconds: 10, failureThreshold: 6 },
          },
        ],
      },
    },
  );
}

function object(apiVersion: string, kind: string, metadata: KubeObject['metadata'], rest: object = {}): KubeObject {
  return { apiVersion, kind, metadata, ...rest };
}
