/**
 * VectorShard: the agreed configuration of one shard, changed by compare-and-swap on its resourceVersion. Never per-write data.
 *
 * Who writes what: `spec` the operator. `status.epoch`, `status.primary` and `status.minInSync` the operator, raising epoch by one
 * each time, as well as `status.handOff`. `status.inSync` the operator together with a new epoch, else only the primary of the current
 * epoch. `status.members` each node its own entry, the operator those of replicas that are gone. `status.conditions`,
 * `status.primaryNode` and `status.copiesInSync` the operator.
 */
import { z } from 'zod';
import { conditions, label, observedGeneration, type CustomResource } from './meta.ts';
import { rules, type ValidationRule } from './structural-schema.ts';
import { collectionName } from './vector-collection.ts';

/** One point of the 64-bit hash space, sixteen lower-case hexadecimal digits, so that text order is number order. */
export const hashBound = z
  .string()
  .length(16)
  .regex(/^[0-9a-f]{16}$/);

/** 128 random bits, made when an empty directory is formatted, never reused; 32 lower-case hexadecimal digits. */
export const replicaId = z
  .string()
  .length(32)
  .regex(/^[0-9a-f]{32}$/);

export const memberKind = z.enum(['Voter', 'Learner']).describe('A Voter may be in sync and primary; a Learner only follows.');

export const assignment = z.strictObject({
  node: z.string().min(1).max(253).describe('Node (Pod name) that holds a copy.'),
  kind: memberKind.default('Voter'),
  replacedBy: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('Node that gets this copy: it stays until that one is in sync, and does not count among the copies that are wanted.'),
});

export const member = z
  .strictObject({
    replicaId,
    node: z.string().min(1).max(253).describe('Node (Pod name) that holds the copy.'),
    podUid: z.string().max(64).describe('UID of the Pod that registered it last.'),
    zone: z.string().max(63).describe('Zone of that Pod.'),
    kind: memberKind,
    eligibleFromEpoch: z
      .int()
      .min(1)
      .describe(
        'Lowest epoch in which the running process may be primary: one above the highest on its disk when it started, so that no process resumes an epoch.',
      ),
  })
  .meta(
    rules({
      rule: 'self.eligibleFromEpoch >= oldSelf.eligibleFromEpoch',
      message: 'eligibleFromEpoch never goes back: a process that started later has seen at least as much',
      fieldPath: '.eligibleFromEpoch',
    }),
  );

export const handOff = z
  .strictObject({
    target: replicaId.describe('Replica in sync that is to be the next primary.'),
    epoch: z.int().min(1).describe('Epoch in which it is asked; void in any other.'),
  })
  .describe('Asks the primary to order nothing new and to say when the target holds everything.');

export const vectorShardSpec = z
  .strictObject({
    clusterName: label,
    collection: collectionName,
    vectorCollection: z.string().min(1).max(253).describe('Name of the VectorCollection object.'),
    hashRange: z
      .strictObject({ first: hashBound, last: hashBound })
      .describe('Hashes of point ids that this shard owns, both ends included.'),
    assignments: z
      .array(assignment)
      .min(1)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['node'] })
      .describe('Nodes that should hold a copy.'),
  })
  .meta(
    rules(
      {
        rule: 'self.clusterName == oldSelf.clusterName && self.vectorCollection == oldSelf.vectorCollection && self.collection == oldSelf.collection',
        message: 'a shard cannot move to another collection: its data belongs to the one it was made for',
      },
      {
        rule: 'self.hashRange == oldSelf.hashRange',
        message: 'hashRange cannot change: points were routed by it',
        fieldPath: '.hashRange',
      },
      {
        rule: 'self.hashRange.first <= self.hashRange.last',
        message: 'hashRange.first is above hashRange.last: the range would be empty',
        fieldPath: '.hashRange',
      },
    ),
  );

/**
 * Invariants I1, I2, I3 and I9 of the replication design, held by the API server as well: epochs grow by one, a primary is constant
 * in its epoch and was in sync before it, the in-sync set holds the primary, within an epoch changes by one and with a new one only shrinks.
 */
const configurationRules: readonly ValidationRule[] = [
  {
    rule: '!has(oldSelf.members) || has(self.members)',
    message: 'status was taken away: it says which copies have every acknowledged write, and nothing else does',
    fieldPath: '.members',
  },
  {
    rule: '!has(oldSelf.epoch) || (has(self.epoch) && self.epoch >= oldSelf.epoch && self.epoch <= oldSelf.epoch + 1)',
    message: 'epoch grows by exactly one: read the shard again and decide on what it says now',
    fieldPath: '.epoch',
  },
  {
    rule: '!has(oldSelf.primary) || !has(self.epoch) || self.epoch != oldSelf.epoch || (has(self.primary) && self.primary == oldSelf.primary)',
    message: 'primary is constant within an epoch: raise epoch by one to name another',
    fieldPath: '.primary',
  },
  {
    rule: '!has(oldSelf.inSync) || size(oldSelf.inSync) == 0 || !has(self.primary) || self.epoch == oldSelf.epoch || self.primary in oldSelf.inSync',
    message: 'primary was not in sync: it may lack acknowledged writes; name a replica of inSync',
    fieldPath: '.primary',
  },
  {
    rule: '!has(oldSelf.inSync) || size(oldSelf.inSync) == 0 || self.epoch == oldSelf.epoch || !has(self.inSync) || self.inSync.all(r, r in oldSelf.inSync)',
    message: 'inSync grew with the epoch: only a primary knows who has every acknowledged write, and takes it in within its epoch',
    fieldPath: '.inSync',
  },
  {
    rule: '!has(self.epoch) || self.epoch == 0 || has(self.primary)',
    message: 'epoch without primary: an epoch begins with the replica in sync that leads it',
    fieldPath: '.epoch',
  },
  {
    rule: '!has(self.primary) || (has(self.inSync) && self.primary in self.inSync)',
    message: 'inSync holds the primary: it has every acknowledged write by definition',
    fieldPath: '.inSync',
  },
  {
    rule: '!has(self.inSync) || self.inSync.all(r, has(self.members) && self.members.exists(m, m.replicaId == r))',
    message: 'inSync names a replica that is not among members',
    fieldPath: '.inSync',
  },
  {
    rule: '!has(oldSelf.inSync) || !has(self.inSync) || self.epoch != oldSelf.epoch || size(self.inSync.filter(r, !(r in oldSelf.inSync))) + size(oldSelf.inSync.filter(r, !(r in self.inSync))) <= 1',
    message: 'inSync changes by one replica at a time within an epoch',
    fieldPath: '.inSync',
  },
  {
    rule: '!has(self.inSync) || !has(self.members) || self.members.all(m, m.kind == "Voter" || !(m.replicaId in self.inSync))',
    message: 'inSync names a Learner, which only follows',
    fieldPath: '.inSync',
  },
  {
    rule: '!has(self.handOff) || (has(self.epoch) && self.handOff.epoch == self.epoch)',
    message: 'handOff.epoch is not epoch: a hand-over is asked of one primary; take handOff out when epoch grows',
    fieldPath: '.handOff',
  },
  {
    // Only when it is asked: the primary may yet have to take the target out of the set.
    rule: '!has(self.handOff) || (has(oldSelf.handOff) && oldSelf.handOff == self.handOff) || (has(self.primary) && self.handOff.target != self.primary && has(self.inSync) && self.handOff.target in self.inSync)',
    message: 'handOff.target is the primary or not in sync: name another replica of inSync',
    fieldPath: '.handOff',
  },
];

export const vectorShardStatus = z
  .strictObject({
    observedGeneration,
    conditions,
    epoch: z.int().min(0).describe('Number of the current configuration; 0 until there is a first primary.'),
    primary: replicaId.describe('Replica that orders writes in this epoch.'),
    inSync: z.array(replicaId).max(16).meta({ 'x-kubernetes-list-type': 'set' }).describe('Replicas that hold every acknowledged write.'),
    minInSync: z.int32().min(1).describe('Writes are acknowledged only while at least this many are in sync.'),
    handOff: handOff.optional(),
    primaryNode: z.string().max(253).describe('Node of the primary, for people.'),
    copiesInSync: z.string().max(32).describe('in sync/wanted of voting copies, for people.'),
    members: z
      .array(member)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['replicaId'] })
      .describe('Replicas that exist.'),
  })
  .partial()
  .meta(rules(...configurationRules));

export type Assignment = z.output<typeof assignment>;
export type Member = z.output<typeof member>;
export type VectorShardSpec = z.output<typeof vectorShardSpec>;
export type VectorShardStatus = z.output<typeof vectorShardStatus>;
export type VectorShard = CustomResource<'VectorShard', VectorShardSpec, VectorShardStatus>;
