import type { PodTemplate } from '@vectorcluster/crds/pod-template.ts';
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import { vectorPoolSpec, type VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import { driftOf } from '../plan/drift.ts';
import { podFacts } from './pod-facts.ts';
import { podOf } from './wanted-objects.ts';

const cluster: VectorCluster = {
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorCluster',
  metadata: { name: 'shop', namespace: 'default', uid: 'c1' },
  spec: vectorClusterSpec.parse({ pools: [{ name: 'data', storage: { size: '1Gi' } }] }),
};

const poolWith = (podTemplate?: PodTemplate): VectorPool => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorPool',
  metadata: { name: 'shop-data', namespace: 'default', uid: 'p1' },
  spec: vectorPoolSpec.parse({ clusterName: 'shop', poolName: 'data', template: { storage: { size: '1Gi' }, podTemplate } }),
});

const place = { name: 'shop-data-0', zone: 'a', topologyKey: 'topology.kubernetes.io/zone' };
const built = (pool: VectorPool): Pod => podOf(cluster, pool, place, 'vectorcluster/storage-node:0.1.0');

/** As webhooks and the API server return what was asked for: a mesh's sidecar, a mirror of the registry, defaults. */
function admitted(pod: Pod): Pod {
  const { spec, metadata } = pod;
  if (spec === undefined) throw new Error('a Pod has a spec');
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'security.istio.io/tlsMode': 'istio' },
      annotations: { ...metadata.annotations, 'sidecar.istio.io/status': 'injected' },
    },
    spec: {
      ...spec,
      containers: [
        ...spec.containers.map((container) => ({
          ...container,
          image: `mirror.example/${container.image}`,
          env: [...(container.env ?? []), { name: 'AWS_ROLE_ARN', value: 'arn' }],
          resources: { requests: { cpu: '100m' } },
          terminationMessagePath: '/dev/termination-log',
        })),
        { name: 'istio-proxy', image: 'istio/proxyv2' },
      ],
      initContainers: [{ name: 'istio-init', image: 'istio/proxyv2' }],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      volumes: [...(spec.volumes ?? []), { name: 'istio-envoy', emptyDir: {} }],
      priority: 0,
    },
  };
}

test('what webhooks of others make of a Pod is no drift', () => {
  const wanted = built(poolWith());
  expect(driftOf(podFacts(admitted(wanted)), podFacts(wanted))).toBeUndefined();
});

test.for<[string, PodTemplate, string]>([
  ['a label', { metadata: { labels: { team: 'search' } } }, 'label team=search is missing'],
  ['an annotation', { metadata: { annotations: { scrape: 'true' } } }, 'annotation scrape=true is missing'],
  ['a sidecar', { spec: { containers: [{ name: 'log', image: 'log:1' }] } }, 'container log is missing'],
  ['an init container', { spec: { initContainers: [{ name: 'wait', image: 'wait:1' }] } }, 'init container wait is missing'],
  ['a volume', { spec: { volumes: [{ name: 'certs', secret: { secretName: 'certs' } }] } }, 'volume certs is missing'],
  ['env', { spec: { containers: [{ name: 'storage-node', env: [{ name: 'X', value: '1' }] }] } }, 'env X is missing, not 1'],
])('%s that a podTemplate asks for is drift of a Pod that others changed, and says what', ([, podTemplate, reason]) => {
  const before = built(poolWith());
  const running = { ...podFacts(admitted(before)), image: podFacts(before).image, resources: '{}' };
  expect(driftOf(running, podFacts(built(poolWith(podTemplate))))).toBe(reason);
});

test('the same podTemplate in another order of keys is no drift', () => {
  const one = built(poolWith({ metadata: { labels: { a: '1', b: '2' } } }));
  const other = built(poolWith({ metadata: { labels: { b: '2', a: '1' } } }));
  expect(driftOf(podFacts(one), podFacts(other))).toBeUndefined();
});
