import type { NodeSight } from '../plan/node-sights.ts';
import type { Node, Pod, PodStatus } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import { storagePod } from '../reports/storage-pod.ts';
import { leanPod } from './lean-pod.ts';
import { nodesGoing } from './nodes-going.ts';
import { podFacts } from './pod-facts.ts';
import { observePod, processEndOf } from './pod-state.ts';

const status: PodStatus = {
  phase: 'Running',
  podIP: '10.0.0.7',
  podIPs: [{ ip: '10.0.0.7' }],
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-22T02:00:00Z' }],
  containerStatuses: [
    { name: 'storage-node', image: 'i', imageID: 'sha256:0', ready: true, restartCount: 1, state: { terminated: { exitCode: 3 } } },
  ],
};

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'shop-data-0',
    namespace: 'default',
    uid: 'uid-0',
    resourceVersion: '7',
    labels: { 'vectorcluster.io/cluster': 'shop', 'vectorcluster.io/zone': 'a' },
    annotations: { 'vectorcluster.io/template-hash': 'abc' },
  },
  spec: {
    nodeName: 'machine-1',
    nodeSelector: { 'topology.kubernetes.io/zone': 'a' },
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
    containers: [
      {
        name: 'storage-node',
        image: 'vectorcluster/storage-node:0.1.0',
        env: [{ name: 'ZONE', value: 'a' }],
        resources: { limits: { memory: '1Gi' } },
        livenessProbe: { httpGet: { path: '/livez', port: 9090 } },
      },
      { name: 'istio-proxy', image: 'istio/proxyv2' },
    ],
    initContainers: [{ name: 'wait', image: 'busybox' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-shop-data-0' } }],
  },
  status,
};

const ended: PodStatus = { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' };
const unscheduled: PodStatus = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }],
};
const stuck: PodStatus = {
  phase: 'Pending',
  initContainerStatuses: [
    { name: 'wait', image: 'i', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } },
  ],
};
const going: PodStatus = { ...status, conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] };

const sight: NodeSight = {
  podUid: 'uid-0',
  isConnected: true,
  closedForMs: undefined,
  silentMs: 0,
  peers: new Map(),
  volume: undefined,
  replicas: new Map(),
};
const cordoned: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'machine-1' }, spec: { unschedulable: true } };

function decidedBy(each: Pod) {
  return {
    observed: observePod(each, podFacts(pod)),
    processEnd: processEndOf(each),
    place: storagePod(each),
    going: nodesGoing({ pods: [each], kubernetesNodes: [cordoned], sights: new Map([['shop-data-0', sight]]) }),
  };
}

test.for<[string, PodStatus | undefined]>([
  ['runs', status],
  ['is new', undefined],
  ['has ended', ended],
  ['finds no machine', unscheduled],
  ['cannot start', stuck],
  ['is about to go', going],
])('of a Pod that %s all is kept that decisions read', ([, state]) => {
  const whole: Pod = { ...pod, status: state };
  expect(decidedBy(leanPod(whole))).toEqual(decidedBy(whole));
});

test('most of a Pod is not', () => {
  expect(JSON.stringify(leanPod(pod))).not.toMatch(/tolerations|Probe|claimName|podIPs|busybox/);
});
