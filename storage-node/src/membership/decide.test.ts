import { expect, test } from 'vitest';
import type { Member, VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { decide, type LocalState, type MembershipStep } from './decide.ts';

const own = { node: 'shop-data-0', podUid: 'pod-2', zone: 'a' };
const mine = 'a'.repeat(32);
const other = 'b'.repeat(32);
const member = (changes: Partial<Member> = {}): Member => ({ ...own, replicaId: mine, kind: 'Voter', eligibleFromEpoch: 1, ...changes });
const stranger = member({ replicaId: other, node: 'shop-data-1', podUid: 'pod-9', zone: 'b' });

function shard(status: VectorShardStatus | undefined, node = own.node): VectorShard {
  return {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorShard',
    metadata: { name: 'shop-books-12345-0', uid: 'shard-uid' },
    spec: {
      clusterName: 'shop',
      collection: 'books',
      vectorCollection: 'shop-books',
      hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
      assignments: [{ node, kind: 'Voter' }],
    },
    status,
  };
}

const open = (eligibleFromEpoch: bigint, epoch = eligibleFromEpoch - 1n): LocalState => ({
  kind: 'open',
  replicaId: mine,
  eligibleFromEpoch,
  epoch,
});
const none: LocalState = { kind: 'none' };
const onDisk: LocalState = { kind: 'on-disk' };
const inForce = (epoch: number, changes: Partial<Member> = {}): VectorShardStatus => ({
  epoch,
  primary: mine,
  inSync: [mine],
  members: [member(changes)],
});

interface Case {
  readonly name: string;
  readonly shard: VectorShard | undefined;
  readonly local: LocalState;
  readonly step: Partial<MembershipStep>;
}

test.for<Case>([
  { name: 'a new shard is opened', shard: shard(undefined), local: none, step: { kind: 'open' } },
  { name: 'data on disk are opened', shard: shard(inForce(3)), local: onDisk, step: { kind: 'open' } },
  {
    name: 'a new replica registers',
    shard: shard(undefined),
    local: open(1n),
    step: { kind: 'register', members: [member()] },
  },
  {
    name: 'registering leaves the others alone',
    shard: shard({ members: [stranger] }),
    local: open(1n),
    step: { kind: 'register', members: [stranger, member()] },
  },
  {
    name: 'a process that started again registers above every epoch it may have served',
    shard: shard(inForce(3, { podUid: 'pod-1' })),
    local: open(4n),
    step: { kind: 'register', members: [member({ eligibleFromEpoch: 4 })] },
  },
  {
    name: 'the same Pod with a new container does so too',
    shard: shard(inForce(3)),
    local: open(4n),
    step: { kind: 'register', members: [member({ eligibleFromEpoch: 4 })] },
  },
  {
    name: 'eligibleFromEpoch never goes back',
    shard: shard(inForce(3, { podUid: 'pod-1', eligibleFromEpoch: 5 })),
    local: open(4n),
    step: { kind: 'register', members: [member({ eligibleFromEpoch: 5 })] },
  },
  { name: 'waits for the operator', shard: shard({ members: [member()] }), local: open(1n), step: { kind: 'rest' } },
  {
    name: 'has asked for an epoch and waits for it',
    shard: shard(inForce(3, { eligibleFromEpoch: 4 })),
    local: open(4n),
    step: { kind: 'rest' },
  },
  {
    name: 'a follower that started again asks for nothing',
    shard: shard({ epoch: 3, primary: other, inSync: [other, mine], members: [stranger, member()] }),
    local: open(4n),
    step: { kind: 'rest' },
  },
  {
    name: 'an entry says which Pod the process is in, and as what it is assigned',
    shard: shard({ epoch: 3, primary: other, inSync: [other], members: [stranger, member({ podUid: 'pod-1', kind: 'Learner' })] }),
    local: open(4n),
    step: { kind: 'register', members: [stranger, member()] },
  },
  {
    name: 'a damaged copy that others may wait for is kept',
    shard: shard(inForce(3)),
    local: { kind: 'damaged', replicaId: mine },
    step: { kind: 'rest' },
  },
  {
    name: 'a damaged copy that nobody waits for is built again',
    shard: shard({ epoch: 3, primary: other, inSync: [other], members: [stranger, member()] }),
    local: { kind: 'damaged', replicaId: mine },
    step: { kind: 'rebuild' },
  },
  { name: 'a damaged copy of nothing is dropped', shard: undefined, local: { kind: 'damaged', replicaId: mine }, step: { kind: 'drop' } },
  { name: 'drops what has no object', shard: undefined, local: onDisk, step: { kind: 'drop' } },
  {
    name: 'drops what is neither assigned nor listed here',
    shard: shard(undefined, 'shop-data-1'),
    local: open(1n),
    step: { kind: 'drop' },
  },
  {
    name: 'drops what a later epoch does without',
    shard: shard({ epoch: 5 }, 'shop-data-1'),
    local: open(2n, 5n),
    step: { kind: 'drop' },
  },
  {
    name: 'keeps what has seen more than an object that was set back',
    shard: shard({ epoch: 5 }, 'shop-data-1'),
    local: open(2n, 6n),
    step: { kind: 'rest' },
  },
  {
    name: 'opens what it would drop, to know what it has seen',
    shard: shard({ epoch: 5 }, 'shop-data-1'),
    local: onDisk,
    step: { kind: 'open' },
  },
  {
    name: 'keeps what is still listed here, assigned or not',
    shard: { ...shard(inForce(4), 'shop-data-1') },
    local: open(1n),
    step: { kind: 'rest' },
  },
  { name: 'leaves the shards of others alone', shard: shard(undefined, 'shop-data-1'), local: none, step: { kind: 'rest' } },
  { name: 'leaves what is nowhere alone', shard: undefined, local: none, step: { kind: 'rest' } },
])('$name', ({ shard, local, step }) => {
  expect(decide(shard, local, own)).toMatchObject(step);
});
