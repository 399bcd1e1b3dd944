import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataNode, dataPool, healthyVolume, podFacts, upPod } from '../../test/observed-nodes.ts';
import { startDeadlineMs } from './node-upkeep.ts';
import type { ObservedNode, ObservedNodes, ObservedPod, ObservedPool, PodFacts } from './observed-nodes.ts';
import { planNodes, poolConditions } from './plan-nodes.ts';

const now = new Date('2026-01-01T01:00:00Z');
const facts = (templateHash: string): PodFacts => ({ ...podFacts, templateHash });
const healthyPod: ObservedPod = { ...upPod, notReadySince: now };
const nodeOf = (ordinal: number, zone: string, parts: Partial<ObservedNode> = {}): ObservedNode =>
  dataNode(ordinal, zone, { pod: healthyPod, ...parts });
const poolOf = (replicas: number, nodes: readonly ObservedNode[], parts: Partial<ObservedPool> = {}): ObservedPool => ({
  ...dataPool(replicas, ['a', 'b', 'c']),
  nodes,
  ...parts,
});
const observedOf = (pool: ObservedPool, parts: Partial<ObservedNodes> = {}): ObservedNodes => ({
  cluster: 'shop',
  zonesWanted: undefined,
  topologyKey: 'zone',
  isPaused: false,
  allowsUnsafePodTemplates: false,
  pools: [pool],
  shards: [],
  copiesOn: new Map(),
  withoutShards: [],
  volumes: new Map(),
  ...parts,
});

const pod = fc.record({
  deletingSince: fc.constantFrom(undefined, undefined, now),
  ended: fc.constantFrom(undefined, undefined, undefined, 'its Pod has ended (Failed)'),
  isReady: fc.boolean(),
  wasReady: fc.boolean(),
  templateHash: fc.constantFrom('h', 'h', 'old'),
});
const world = fc
  .record({
    pods: fc.array(fc.option(pod, { nil: undefined }), { maxLength: 6 }),
    replicas: fc.nat(8),
    zonesWanted: fc.constantFrom(undefined, ['a', 'b'], ['a', 'b', 'd']),
    isPaused: fc.boolean(),
  })
  .map(({ pods, replicas, zonesWanted, isPaused }) => {
    const nodes = pods.map((values, ordinal) =>
      nodeOf(ordinal, ['a', 'b', 'c'][ordinal % 3] ?? 'a', {
        pod: values && {
          ...healthyPod,
          ...values,
          isReady: values.isReady && values.ended === undefined,
          running: facts(values.templateHash),
        },
      }),
    );
    return observedOf(poolOf(replicas, nodes), { zonesWanted, isPaused });
  });

const podsOf = ({ pools }: ObservedNodes) => new Map(pools.flatMap(({ nodes }) => nodes).map((node) => [node.name, node.pod]));

test('at most one Pod is taken down, and a Ready one only while all others are Ready and nothing is paused', () => {
  fc.assert(
    fc.property(world, (observed) => {
      const { steps } = planNodes(observed, now);
      const deleted = steps.filter(({ kind }) => kind === 'delete-pod').map(({ object }) => object);
      expect(deleted.length).toBeLessThanOrEqual(1);
      const pods = podsOf(observed);
      const takesReady = deleted.some((name) => pods.get(name)?.isReady === true);
      const others = [...pods].filter(([name]) => !deleted.includes(name)).map(([, each]) => each);
      const othersAreUp = others.every((each) => each?.isReady === true && each.deletingSince === undefined);
      expect(takesReady && (!othersAreUp || observed.isPaused)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('no node is moved, none that a shard names is removed, and growth passes what is asked for by one at most', () => {
  fc.assert(
    fc.property(world, (observed) => {
      const { steps } = planNodes(observed, now);
      const [pool] = observed.pools;
      const existing = new Map(pool?.nodes.map(({ name, zone }) => [name, zone]));
      const created = steps.flatMap((step) => (step.kind === 'create-pod' ? [step] : []));
      const moved = created.filter(({ object, zone }) => existing.has(object) && existing.get(object) !== zone);
      expect(moved).toEqual([]);
      const added = created.filter(({ object }) => !existing.has(object)).length;
      expect(existing.size + added).toBeLessThanOrEqual(Math.max((pool?.replicas ?? 0) + 1, existing.size));
    }),
    { numRuns: 1000 },
  );
});

test('what is in place needs nothing', () => {
  const nodes = ['a', 'b', 'c'].map((zone, ordinal) => nodeOf(ordinal, zone));
  expect(planNodes(observedOf(poolOf(3, nodes)), now)).toMatchObject({ steps: [], recheckAfterMs: undefined });
});

test.for<[string, 'True' | 'False']>([
  ['PodDisruptionBudget', 'False'],
  ['Service', 'True'],
])('a %s that is put right: Reconciling is %s', ([kind, status]) => {
  const objects = [{ kind, name: 'shop-data', state: { kind: 'different' as const, difference: 'maxUnavailable becomes 1' } }];
  const [report] = planNodes(observedOf(poolOf(1, [nodeOf(0, 'a')], { objects })), now).reports;
  expect(report?.steps).toMatchObject([{ kind: 'apply-object', objectKind: kind }]);
  expect(report && poolConditions(report).find(({ type }) => type === 'Reconciling')).toMatchObject({ status });
});

test.for<[string, Partial<ObservedPool>, Partial<ObservedNodes>, string]>([
  ['roles that are not served', { role: 'Index' }, {}, 'RoleNotSupported'],
  ['a pool without storage', { hasStorage: false }, {}, 'StorageMissing'],
  ['no zone for another node', { replicas: 3, usableZones: [] }, { zonesWanted: ['a', 'b', 'd'] }, 'ZoneWithoutNodes'],
])('%s: Stalled, and nothing is taken down', ([, pool, parts, reason]) => {
  const nodes = [nodeOf(0, 'a'), nodeOf(1, 'b')];
  const plan = planNodes(observedOf(poolOf(2, nodes, pool), parts), now);
  const [report] = plan.reports;
  const stalled = report && poolConditions(report).find(({ type }) => type === 'Stalled');
  expect(stalled).toMatchObject({ status: 'True', reason });
  expect(plan.steps).toEqual([]);
});

test('no zone at all is told', () => {
  const { reports } = planNodes(observedOf(poolOf(1, [], { usableZones: [] })), now);
  expect(reports[0]?.stalled).toMatchObject([{ reason: 'NoZone' }]);
});

test('a start is waited for until its deadline, then a person is told', () => {
  expect(planWithStartOf(1000)).toMatchObject({ recheckAfterMs: startDeadlineMs - 1000, reports: [{ stalled: [] }] });
  expect(planWithStartOf(startDeadlineMs)).toMatchObject({ reports: [{ stalled: [{ reason: 'NodeNotReady' }] }] });
});

test('a Pod that no machine takes is told as a wait, and as trouble only when no machine came', () => {
  const unscheduled = 'it cannot be scheduled: 0/3 nodes are available';
  expect(planWithStartOf(60_000, { unscheduled })).toMatchObject({
    steps: [{ kind: 'wait', because: unscheduled }],
    recheckAfterMs: 120_000,
    reports: [{ stalled: [] }],
  });
  expect(planWithStartOf(180_000, { unscheduled })).toMatchObject({ reports: [{ stalled: [{ reason: 'NodeNotReady' }] }] });
});

test.for([
  ['has no machine in its zone', healthyVolume, 'uncordon a Kubernetes node there or add one; or delete the volume and the Pod'],
  ['has no volume yet', { ...healthyVolume, isPending: true }, 'kubectl describe pvc data-shop-data-0 tells whether that is why'],
] as const)('a Pod that %s says what to do', ([, volume, remedy]) => {
  const pod = { ...healthyPod, isReady: false, wasReady: false, notReadySince: new Date(0), unscheduled: 'it cannot be scheduled' };
  const { reports } = planNodes(observedOf(poolOf(1, [nodeOf(0, 'a', { pod, volume })])), now);
  expect(reports[0]?.stalled[0]?.message).toContain(remedy);
});

test('a Pod whose machine is off says which, while it waits and when a person is told', () => {
  const because = 'Kubernetes node machine-1, which it runs on, is not Ready';
  expect(planOnSilentMachine(1000).steps).toMatchObject([{ kind: 'wait', because }]);
  expect(planOnSilentMachine(startDeadlineMs).reports[0]?.stalled[0]?.message).toBe(
    `shop-data-0 does not become Ready: ${because}; see kubectl describe node machine-1`,
  );
});

test('a Pod that does not go is told, never forced', () => {
  const since = new Date(now.getTime() - 3_600_000);
  const plan = planNodes(observedOf(poolOf(1, [nodeOf(0, 'a', { pod: { ...healthyPod, deletingSince: since } })])), now);
  expect(plan.steps.map(({ kind }) => kind)).toEqual(['wait']);
  expect(plan.reports[0]?.stalled).toMatchObject([{ reason: 'NodeStuck' }]);
});

test('a volume that grew is updated, one that is missing is made, one that is going is waited for', () => {
  const nodes = [
    nodeOf(0, 'a', { volume: { ...healthyVolume, difference: 'spec.resources.requests.storage is "1Gi", not "2Gi"' } }),
    nodeOf(1, 'b', { volume: undefined }),
    nodeOf(2, 'c', { volume: { ...healthyVolume, isDeleting: true }, pod: undefined }),
  ];
  const { steps } = planNodes(observedOf(poolOf(3, nodes)), now);
  expect(steps.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
    'update-volume data-shop-data-0',
    'create-volume data-shop-data-1',
    'wait shop-data-2',
  ]);
});

/** The plan for one node whose Pod has been starting for so long. */
function planWithStartOf(agoMs: number, parts: Partial<ObservedPod> = {}) {
  const notReadySince = new Date(now.getTime() - agoMs);
  const pod = { ...healthyPod, isReady: false, wasReady: false, notReadySince, ...parts };
  return planNodes(observedOf(poolOf(1, [nodeOf(0, 'a', { pod })])), now);
}

function planOnSilentMachine(agoMs: number) {
  const pod = { ...healthyPod, isReady: false, notReadySince: new Date(now.getTime() - agoMs) };
  return planNodes(observedOf(poolOf(1, [nodeOf(0, 'a', { pod, silentMachine: 'machine-1' })])), now);
}
