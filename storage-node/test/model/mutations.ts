/** Each rule broken alone, in the smallest world that shows what it costs; and the same worlds with the rules kept. */
import { rules, type Rules } from '../../src/replication/rules.ts';
import type { Scenario } from './world.ts';

export interface Mutation {
  readonly name: string;
  readonly scenario: Scenario;
}

const three = { nodes: ['a', 'b', 'c'], writes: 1, epochs: 2n, changes: 1 } as const;
const two = { nodes: ['a', 'b'], writes: 1, epochs: 2n, changes: 1 } as const;

const breaking = (change: Partial<Rules>): Rules => ({ ...rules, ...change });

export const mutations: readonly Mutation[] = [
  {
    name: 'shrink counts before the compare-and-swap succeeded',
    scenario: { ...two, rules: breaking({ setsInForce: ({ configuration, change }) => [change?.inSync ?? configuration.inSync] }) },
  },
  {
    name: 'expand counts only after the reply',
    scenario: { ...two, inSync: ['a'], rules: breaking({ setsInForce: ({ configuration }) => [configuration.inSync] }) },
  },
  {
    name: 'expand before the replica caught up',
    scenario: { ...two, inSync: ['a'], rules: breaking({ mayJoin: () => true }) },
  },
  {
    name: 'a lost reply is settled by a read of the old version',
    scenario: { ...two, inSync: ['a'], lostReplies: 1, rules: breaking({ isSettled: () => true }) },
  },
  { name: 'a replica outside the in-sync set is promoted', scenario: { ...two, changes: 1, rules, operator: 'promotes anyone' } },
  { name: 'the operator writes without a resourceVersion', scenario: { ...two, rules, operator: 'writes without a version' } },
  {
    name: 'messages of an older epoch are taken',
    scenario: { ...three, writes: 2, without: ['I6'], rules: breaking({ isObsolete: () => false }) },
  },
  {
    name: 'followers do not truncate',
    scenario: { ...three, writes: 2, rules: breaking({ truncateFrom: () => undefined }) },
  },
  {
    name: 'acknowledgements belong to the slot, not to the replica id',
    scenario: {
      ...two,
      wipes: 1,
      changes: 2,
      rules: breaking({
        progressOf: (replicaId, { configuration }) => {
          const node = configuration.members.find((member) => member.replicaId === replicaId)?.node;
          return configuration.members.find((member) => member.node === node)?.replicaId ?? replicaId;
        },
      }),
    },
  },
  { name: 'a replica id is used again after its volume was lost', scenario: { ...two, wipes: 1, rules, reusesReplicaId: true } },
  {
    name: 'a restarted process resumes its epoch from an old configuration',
    scenario: {
      ...two,
      writes: 2,
      crashes: 1,
      without: ['I13'],
      rules: breaking({ mayLead: (replica, { epoch, primary }) => primary === replica.replicaId && epoch >= replica.epoch }),
    },
  },
  {
    name: 'it resumes from a fresh read, while its sync runs beside sending',
    scenario: {
      ...two,
      writes: 2,
      crashes: 1,
      slowSync: true,
      staleWatches: false,
      without: ['I13'],
      rules: breaking({ mayLead: (replica, { epoch, primary }) => primary === replica.replicaId && epoch >= replica.epoch }),
    },
  },
  {
    name: 'the primary counts its own copy before it is durable',
    scenario: { ...two, crashes: 1, slowSync: true, rules: breaking({ ownCopy: ({ log }) => log.last }) },
  },
  {
    name: 'reads without confirmation',
    scenario: { ...two, reads: 1, rules: breaking({ isConfirmed: () => true, confirmers: () => [] }) },
  },
  {
    name: 'a copy that reads takes the word of its primary alone',
    scenario: { ...three, silent: ['b'], reads: 1, readers: ['b'], rules: breaking({ isConfirmed: () => true }) },
  },
  {
    name: 'whom a read needs is who was asked, not who the primary names',
    scenario: { ...three, silent: ['b'], reads: 1, readers: ['b'], rules: breaking({ confirmers: (_, asked) => asked }) },
  },
  {
    name: 'an answer to an older question counts',
    scenario: { ...two, reads: 2, readers: ['a'], repeats: true, rules: breaking({ isAnswerTo: () => true }) },
  },
  {
    name: 'reads confirmed by a majority',
    scenario: {
      ...three,
      staleWatches: false,
      silent: ['b'],
      reads: 1,
      readers: ['a'],
      rules: breaking({ isConfirmed: (missing, needed) => missing.length * 2 < needed.length }),
    },
  },
  {
    name: 'reads before the inherited log is committed',
    scenario: { ...three, changes: 0, acknowledged: 1, reads: 1, rules: breaking({ mayReadLinearizably: () => true }) },
  },
  {
    name: 'a commit does not wait for every in-sync replica',
    scenario: {
      ...three,
      rules: breaking({
        committable: (held, { committed }) => {
          const second = [...held].toSorted((a, b) => Number(b - a))[1] ?? held[0] ?? 0n;
          return second > committed ? second : committed;
        },
      }),
    },
  },
];

/** The rules kept: nothing may be found. */
export const kept: readonly Mutation[] = [
  { name: 'two replicas, two writes, three epochs', scenario: { ...two, rules, writes: 2, epochs: 3n, changes: 2 } },
  { name: 'three replicas, failover, crash', scenario: { ...three, rules, crashes: 1 } },
  { name: 'three replicas, two writes, shrink and expand', scenario: { ...three, rules, writes: 2, changes: 2 } },
  { name: 'a replica outside comes in, replies get lost', scenario: { ...two, rules, inSync: ['a'], lostReplies: 2, changes: 2 } },
  { name: 'a volume is lost and comes back under a new id', scenario: { ...two, rules, wipes: 1, changes: 2 } },
  { name: 'slow own sync and crashes', scenario: { ...two, rules, writes: 2, crashes: 2, slowSync: true, epochs: 3n } },
  { name: 'linearizable reads', scenario: { ...three, rules, reads: 1 } },
  { name: 'linearizable reads of two replicas, three epochs', scenario: { ...two, rules, reads: 2, epochs: 3n } },
  {
    name: 'linearizable reads at a copy, one after another',
    scenario: { ...three, rules, reads: 2, readers: ['b'], crashes: 1, repeats: true },
  },
  { name: 'messages come more than once', scenario: { ...two, rules, writes: 2, repeats: true } },
  { name: 'linearizable reads after a failover', scenario: { ...three, rules, changes: 0, acknowledged: 1, reads: 1 } },
  { name: 'a learner beside', scenario: { ...three, rules, learners: ['c'] } },
  { name: 'two must be in sync', scenario: { ...two, rules, minInSync: 2, changes: 2 } },
];
