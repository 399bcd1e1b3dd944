import type { Condition } from '@vectorcluster/crds/meta.ts';
import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import { lawBreaks } from './law.ts';
import type { Version } from './record.ts';

const spec = vectorClusterSpec.parse({ pools: [{ name: 'data', replicas: 1, storage: { size: '1Gi' } }] });

interface Words {
  readonly ready: boolean;
  readonly reconciling?: boolean;
  readonly stalled?: string;
  readonly observedGeneration?: number;
}

const condition = (type: string, holds: boolean, message = type): Condition => ({
  type,
  status: holds ? 'True' : 'False',
  reason: 'R',
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

function cluster(at: number, { ready, reconciling = false, stalled, observedGeneration = 1 }: Words): Extract<Version, { kind: 'own' }> {
  const conditions = [
    condition('Ready', ready),
    condition('Reconciling', reconciling),
    condition('Stalled', stalled !== undefined, stalled),
  ];
  const metadata = { name: 'shop', generation: 1 };
  const object: VectorCluster = {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorCluster',
    metadata,
    spec,
    status: { observedGeneration, conditions },
  };
  return { at, isDeleted: false, kind: 'own', object };
}

function pod(at: number, status: 'True' | 'False'): Version {
  const labels = { 'vectorcluster.io/cluster': 'shop', 'vectorcluster.io/pool': 'data' };
  const object: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'shop-data-0', labels },
    status: { conditions: [{ type: 'Ready', status }] },
  };
  return { at, isDeleted: false, kind: 'pod', object };
}

const made = cluster(1, { ready: false, observedGeneration: -1 });
const working = cluster(2, { ready: false, reconciling: true });
const done = cluster(4, { ready: true });

test.for<[string, readonly Version[], readonly string[]]>([
  ['work, then done', [made, working, pod(3, 'True'), done], []],
  [
    'done before the Pod is Ready',
    [made, working, pod(3, 'False'), done],
    ['VectorCluster shop at 4: Current while shop-data-0 is not Ready'],
  ],
  ['a Pod that is lost, and told', [made, pod(3, 'True'), done, pod(5, 'False'), cluster(6, { ready: false, reconciling: true })], []],
  [
    'a word that nothing gave cause for',
    [made, pod(3, 'True'), done, cluster(6, { ready: true, reconciling: true })],
    ['VectorCluster shop at 6: InProgress without a cause: Reconciling'],
  ],
  [
    'stuck, with nothing to do about it',
    [made, cluster(2, { ready: false, stalled: 'it is broken' })],
    ['VectorCluster shop at 2: Failed without a remedy: it is broken'],
  ],
  ['stuck, with a remedy', [made, cluster(2, { ready: false, stalled: 'it is broken; set image to one that exists' })], []],
  ['a version of somebody else, before the operator has looked', [made, pod(3, 'True'), done, pod(5, 'False'), { ...done, at: 6 }], []],
])('%s', ([, versions, breaks]) => {
  expect(lawBreaks({ versions, stages: [] })).toEqual(breaks);
});

test('a status without observedGeneration', () => {
  const { object } = done;
  const silent = { ...done, object: { ...object, status: { conditions: [] } } };
  expect(lawBreaks({ versions: [silent], stages: [] })).toEqual(['VectorCluster shop at 4: it has no observedGeneration']);
});
