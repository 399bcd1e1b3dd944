/** The rules of the design, broken one at a time. Each must be found: see docs/simulation.md. */
import { rules, type Rules } from '@vectorcluster/storage-node/replication/rules.ts';
import { stepWith } from '@vectorcluster/storage-node/replication/step.ts';
import { asItIs, type Mutation } from './mutation.ts';

const rule = (name: string, broken: Partial<Rules>): Mutation => ({ name, step: stepWith({ ...rules, ...broken }) });

export const mutations: readonly Mutation[] = [
  rule('a shrink counts before the compare-and-swap succeeded', {
    setsInForce: ({ configuration, change }) => [
      change !== undefined && change.inSync.length < configuration.inSync.length ? change.inSync : configuration.inSync,
    ],
  }),
  rule('an expand counts only after the reply', {
    setsInForce: ({ configuration, change }) =>
      change !== undefined && change.inSync.length < configuration.inSync.length
        ? [configuration.inSync, change.inSync]
        : [configuration.inSync],
  }),
  rule('a copy joins before it caught up', { mayJoin: () => true }),
  rule('a lost reply is settled by a read of the old version', { isSettled: () => true }),
  rule('messages of an older epoch are taken', { isObsolete: () => false }),
  rule('followers do not truncate', { truncateFrom: () => undefined }),
  rule('a restarted process resumes its epoch', {
    mayLead: (replica, { epoch, primary }) => primary === replica.replicaId && epoch >= replica.epoch,
  }),
  rule('the primary counts its own copy before it is durable', { ownCopy: ({ log }) => log.last }),
  rule('a commit waits for a majority only', {
    committable: (held, { committed }) => {
      const sorted = held.toSorted((a, b) => (a < b ? 1 : -1));
      const heldByMost = sorted[Math.floor(sorted.length / 2)] ?? 0n;
      return heldByMost > committed ? heldByMost : committed;
    },
  }),
  rule('linearizable reads without confirmation', { confirmers: () => [] }),
  rule('linearizable reads confirmed by a majority', { isConfirmed: (missing, needed) => missing.length * 2 < needed.length }),
  rule('linearizable reads before the inherited log is committed', { mayReadLinearizably: () => true }),
  { name: 'session tokens are not looked at', readLevel: (level) => (level.kind === 'session' ? { kind: 'eventual' } : level) },
  { name: 'bounded reads are as old as they are', readLevel: (level) => (level.kind === 'bounded' ? { kind: 'eventual' } : level) },
  { name: 'a write that waits is answered at commit', writeLevel: () => 'committed' },
  { name: 'a request that is tried again is another one', forgetsRequests: true },
  { name: 'syncs do nothing', syncsLie: true },
  { name: 'the epoch is not on the disk', forgetsEpochs: true },
  { name: 'a replica id is used again after its volume was lost', reusesIds: true },
  { name: 'the operator writes without a resourceVersion', blindOperator: true },
];

/** Throws for a name that is none of them. */
export function mutationNamed(name: string | undefined): Mutation {
  if (name === undefined || name === '') return asItIs;
  const found = mutations.find((mutation) => mutation.name === name);
  if (found === undefined)
    throw new RangeError(`no rule is broken by "${name}"; there are: ${mutations.map((each) => each.name).join('; ')}`);
  return found;
}
