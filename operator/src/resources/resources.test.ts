import { expect, test } from 'vitest';
import { nodePodInput } from '../../test/node-pod-input.ts';
import { buildClientService } from './client-service.ts';
import { buildHeadlessService } from './headless-service.ts';
import { buildPersistentVolumeClaim } from './persistent-volume-claim.ts';
import { buildPod } from './pod.ts';
import { buildRole } from './role.ts';
import { buildVectorPool } from './vector-pool.ts';

const cluster = { name: 'shop', namespace: 'default', uid: 'c1' };
const input = { ...nodePodInput, template: { scheduling: { nodeSelector: { disk: 'ssd' } } } };

test('a Pod is pinned to its zone, runs unprivileged, and knows who it is', () => {
  const { metadata, spec } = buildPod(input);
  expect(metadata.labels).toMatchObject({
    'vectorcluster.io/cluster': 'shop',
    'vectorcluster.io/node': 'shop-data-0',
    'vectorcluster.io/zone': 'a',
  });
  expect(spec.nodeSelector).toEqual({ disk: 'ssd', 'topology.kubernetes.io/zone': 'a' });
  const [container] = spec.containers;
  expect(container?.env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath])).toEqual([
    ['CLUSTER_NAME', 'shop'],
    ['CLUSTER_UID', 'uid-of-shop'],
    ['NODE_NAME', 'metadata.name'],
    ['NAMESPACE', 'metadata.namespace'],
    ['POD_UID', 'metadata.uid'],
    ['POD_IP', 'status.podIP'],
    ['ZONE', 'a'],
    ['ROLE', 'Data'],
    ['DATA_DIR', '/var/lib/vectorcluster'],
    ['SHUTDOWN_GRACE_SECONDS', '50'],
  ]);
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(spec.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data-shop-data-0' } }]);
});

test('Pods of a cluster prefer different Kubernetes nodes, whatever their pool', () => {
  expect(buildPod(input).spec.topologySpreadConstraints).toEqual([
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'storage-node', 'vectorcluster.io/cluster': 'shop' } },
    },
  ]);
});

test('a node that is merely busy is given time to answer its probes', () => {
  const [container] = buildPod(input).spec.containers;
  const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe];
  expect(probes.map((probe) => (probe?.timeoutSeconds ?? 1) > 1)).toEqual([true, true, true]);
});

test('the node selector of a pool cannot take a Pod out of its zone', () => {
  const elsewhere = { scheduling: { nodeSelector: { 'topology.kubernetes.io/zone': 'b' } } };
  expect(buildPod({ ...input, template: elsewhere }).spec.nodeSelector).toEqual({ 'topology.kubernetes.io/zone': 'a' });
});

test('peers find each other before they are ready; clients meet only ready nodes', () => {
  expect(buildHeadlessService(cluster).spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
  expect(buildHeadlessService(cluster).spec.ports.map(({ port }) => port)).toEqual([6333, 6334, 6335, 9090]);
  expect(buildClientService(cluster).spec).not.toHaveProperty('publishNotReadyAddresses');
  expect(buildClientService(cluster).spec.ports.map(({ name, port }) => [name, port])).toEqual([
    ['rest', 6333],
    ['grpc', 6334],
  ]);
});

test('nodes may not touch Pods, Secrets or the spec of shards', () => {
  const may = new Map(buildRole(cluster).rules.map(({ resources, verbs }) => [resources.join(), verbs]));
  expect(Object.fromEntries(may)).toEqual({
    pods: ['list', 'watch'],
    vectorclusters: ['get'],
    vectorshards: ['get', 'list', 'watch'],
    'vectorshards/status': ['update'],
    vectorcollections: ['get', 'list', 'watch', 'create', 'update', 'delete'],
  });
});

test('a volume goes with its cluster only when that is asked for', () => {
  const volume = {
    ...input,
    name: input.volumeName,
    node: input.name,
    storage: { size: '1Gi' },
    deletedWith: undefined,
  };
  expect(buildPersistentVolumeClaim(volume).metadata).not.toHaveProperty('ownerReferences');
  const owner = { kind: 'VectorCluster', name: 'shop', uid: 'c1' } as const;
  expect(buildPersistentVolumeClaim({ ...volume, deletedWith: owner }).metadata.ownerReferences).toMatchObject([owner]);
});

test('replicas are not claimed where the cluster leaves them out', () => {
  expect(buildVectorPool(cluster, 'shop-data', { name: 'data', role: 'Data' }).spec).not.toHaveProperty('replicas');
  expect(buildVectorPool(cluster, 'shop-data', { name: 'data', role: 'Data', replicas: 0 }).spec).toHaveProperty('replicas', 0);
});
