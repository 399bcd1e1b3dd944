import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import type { Contact, NodeSight } from '../plan/node-sights.ts';
import { observeShard, type ShardSurroundings } from './shard.ts';

const id = (digit: string): string => digit.repeat(32);
const member = (digit: string, parts: Partial<Member> = {}): Member => ({
  replicaId: id(digit),
  node: `n${digit}`,
  podUid: `p${digit}`,
  zone: 'a',
  kind: 'Voter',
  eligibleFromEpoch: 1,
  ...parts,
});
const shardOf = (members: Member[], status: Partial<VectorShard['status']> = {}): VectorShard => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorShard',
  metadata: { name: 's', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    clusterName: 'shop',
    collection: 'c',
    vectorCollection: 'shop-c',
    hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
    assignments: ['1', '2'].map((digit) => ({ node: `n${digit}`, kind: 'Voter' })),
  },
  status: { epoch: 1, primary: id('1'), inSync: [id('1'), id('2')], minInSync: 1, members, ...status },
});
const podOf = (uid: string, parts: Partial<Pod['metadata']> = {}, status: Pod['status'] = { phase: 'Running' }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x', uid, ...parts },
  status: { conditions: [{ type: 'Ready', status: 'False' }], ...status },
});
const speaks: Contact = { isConnected: true, closedForMs: undefined, silentMs: 10 };
const silent: Contact = { ...speaks, silentMs: 4000 };
const closed: Contact = { isConnected: false, closedForMs: 100, silentMs: 150 };
const away: Contact = { isConnected: false, closedForMs: 500, silentMs: 550 };
const container = { name: 'storage-node', image: 'i', imageID: '', ready: false, restartCount: 1 };
const endedPod = podOf(
  'p1',
  {},
  {
    containerStatuses: [{ ...container, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 137 } } }],
  },
);
const sightOf = (podUid: string, contact: Contact, peers: readonly [string, Contact][] = []): NodeSight => ({
  ...contact,
  podUid,
  peers: new Map(peers),
  volume: undefined,
  replicas: new Map(),
});

interface Seen {
  readonly pod?: Pod | undefined;
  readonly sight?: NodeSight;
  readonly hasVolume?: boolean;
  readonly peer?: NodeSight;
}

function observe({ pod, sight, hasVolume = true, peer }: Seen, members = [member('1'), member('2')]) {
  const around: ShardSurroundings = {
    podOf: (node) => (node === 'n1' ? pod : podOf('p2')),
    hasVolume: () => hasVolume,
    wanted: { replicationFactor: 2, minInSync: 1, readReplicas: 0 },
    sights: new Map([...(sight ? [['n1', sight] as const] : []), ...(peer ? [['n2', peer] as const] : [])]),
    ageMs: () => 0,
    standstillMs: () => 7,
    now: new Date('2026-01-01T00:01:00Z'),
  };
  return observeShard(shardOf(members), around);
}

test.for<[string, Seen, object]>([
  ['no Pod', {}, { reachable: 'missed', evidence: 'certain', because: 'its Pod is gone' }],
  ['another Pod', { pod: podOf('p9') }, { reachable: 'missed', evidence: 'certain' }],
  [
    'a Pod that goes, and nobody reports',
    { pod: podOf('p1', { deletionTimestamp: '2026-01-01T00:00:30Z' }) },
    { reachable: 'missed', evidence: 'certain' },
  ],
  [
    'a Pod that goes, and its process still reports',
    { pod: podOf('p1', { deletionTimestamp: '2026-01-01T00:00:30Z' }), sight: sightOf('p1', speaks) },
    { reachable: 'yes' },
  ],
  ['a Pod that ended', { pod: podOf('p1', {}, { phase: 'Failed', reason: 'Evicted' }) }, { reachable: 'missed', evidence: 'certain' }],
  ['no volume', { pod: podOf('p1'), hasVolume: false }, { reachable: 'missed', evidence: 'certain', because: 'its volume is gone' }],
  ['a Pod that is merely not Ready', { pod: podOf('p1') }, { reachable: 'unknown', isPodReady: false }],
  ['a report', { pod: podOf('p1'), sight: sightOf('p1', speaks) }, { reachable: 'yes' }],
  ['a report of an earlier Pod', { pod: podOf('p1'), sight: sightOf('p0', speaks) }, { reachable: 'unknown' }],
  ['silence', { pod: podOf('p1'), sight: sightOf('p1', silent) }, { reachable: 'missed', evidence: 'silent' }],
  ['a connection that did not come back', { pod: podOf('p1'), sight: sightOf('p1', away) }, { reachable: 'missed', evidence: 'closed' }],
  [
    'a connection that did not come back, and a process that its kubelet says has ended',
    { pod: endedPod, sight: sightOf('p1', away) },
    { reachable: 'missed', evidence: 'certain', because: 'its process has ended with exit code 137' },
  ],
  ['a process that had ended, and reports again', { pod: endedPod, sight: sightOf('p1', speaks) }, { reachable: 'yes' }],
  ['a connection that just closed', { pod: podOf('p1'), sight: sightOf('p1', closed) }, { reachable: 'unknown', missedInMs: 300 }],
])('one copy: %s', ([, seen, expected]) => {
  expect(observe(seen).members[0]).toMatchObject(expected);
});

test.for<[string, NodeSight | undefined, boolean | undefined]>([
  ['misses it', sightOf('p2', speaks, [['n1', silent]]), false],
  ['hears it', sightOf('p2', speaks, [['n1', speaks]]), true],
  ['says nothing of it', sightOf('p2', speaks), undefined],
  ['is itself missed', sightOf('p2', silent, [['n1', silent]]), undefined],
  ['reports from an earlier Pod', sightOf('p0', speaks, [['n1', silent]]), undefined],
  ['does not report', undefined, undefined],
])('the other replica %s', ([, peer, seenByPeers]) => {
  expect(observe({ pod: podOf('p1'), ...(peer && { peer }) }).members[0]?.seenByPeers).toBe(seenByPeers);
});

test.for<[string, Seen, number | undefined]>([
  ['its Pod is gone', {}, 7],
  [
    'it is silent, and another replica misses it',
    { pod: podOf('p1'), sight: sightOf('p1', silent), peer: sightOf('p2', speaks, [['n1', silent]]) },
    7,
  ],
  [
    'it is silent to the operator alone',
    { pod: podOf('p1'), sight: sightOf('p1', silent), peer: sightOf('p2', speaks, [['n1', speaks]]) },
    undefined,
  ],
  ['it reports', { pod: podOf('p1'), sight: sightOf('p1', speaks) }, undefined],
])('a copy in sync is missed for some time: %s', ([, seen, missedMs]) => {
  expect(observe(seen).members[0]?.missedMs).toBe(missedMs);
});

const second = member('3', { node: 'n1' });
const holding = (digit: string, role: 'following' | 'barred' = 'following'): NodeSight => {
  const facts = { shard: 's', epoch: 1, serves: true, applied: 0n, points: 0, because: undefined, drainedTo: undefined };
  return { ...sightOf('p1', speaks), replicas: new Map([[id(digit), { ...facts, replicaId: id(digit), role }]]) };
};

test.for<[string, Seen, boolean]>([
  ['the entry that was registered last under this Pod counts', { pod: podOf('p1') }, true],
  ['unless this Pod did not register it', { pod: podOf('p8') }, false],
  ['a report decides', { pod: podOf('p1'), sight: holding('1') }, false],
  ['also against the order', { pod: podOf('p1'), sight: holding('3') }, true],
  ['what is barred holds no place', { pod: podOf('p1'), sight: holding('1', 'barred') }, true],
])('two entries of one node: %s', ([, seen, isSuperseded]) => {
  const [first] = observe(seen, [member('1'), member('2'), { ...second, podUid: 'p1' }]).members;
  expect(first?.isSuperseded).toBe(isSuperseded);
});

const at = (seconds: number) => `2026-01-01T00:00:${seconds}Z`;

const conditions = (readySince: number, isReady: boolean) => [
  { type: 'EpochRaised', status: 'True' as const, reason: 'FailedOver', message: '', lastTransitionTime: at(40) },
  {
    type: 'Ready',
    status: isReady ? ('True' as const) : ('False' as const),
    reason: 'x',
    message: '',
    lastTransitionTime: at(readySince),
  },
];

const epochOf = (readySince: number, isReady: boolean) => {
  const shard = shardOf([member('1')], { conditions: conditions(readySince, isReady) });
  const around = {
    podOf: () => undefined,
    hasVolume: () => true,
    wanted: undefined,
    sights: new Map(),
    ageMs: () => 7,
    standstillMs: () => 0,
    now: new Date(0),
  };
  const { isFailedOver, epochAgeMs, hasServed } = observeShard(shard, around);
  return { isFailedOver, epochAgeMs, hasServed };
};

test('conditions tell how the epoch began, and whether its primary has served since', () => {
  expect(epochOf(40, false)).toEqual({ isFailedOver: true, epochAgeMs: 7, hasServed: false });
  expect(epochOf(45, false)).toMatchObject({ hasServed: true });
  expect(epochOf(41, true)).toMatchObject({ hasServed: true });
});

test.for([
  ['barred', 'barred'],
  ['following', undefined],
] as const)('what another Pod says of a copy that is %s', ([role, heard]) => {
  const sight = { ...holding('1', role), podUid: 'p9' };
  const [copy] = observe({ pod: podOf('p9'), sight }).members;
  expect(copy).toMatchObject({ reachable: 'missed', evidence: 'certain' });
  expect(copy?.facts?.role).toBe(heard);
});
