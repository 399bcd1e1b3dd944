/**
 * VectorShard: the agreed configuration of one shard, changed by compare-and-swap on its resourceVersion. Never per-write data.
 *
 * Who writes what: `spec` the operator. `status.epoch`, `status.primary` and `status.minInSync` the operator, raising epoch by one
 * each time. `status.inSync` the operator together with a new epoch, else only the primary of the current epoch. `status.members`
 * each node its own entry, the operator those of replicas that are gone. `status.conditions` the operator.
 */
import { z } from 'zod';
import { conditions, label, observedGeneration, type CustomResource } from './meta.ts';
import { collectionName } from './vector-collection.ts';

/** One point of the 64-bit hash space, sixteen lower-case hexadecimal digits, so that text order is number order. */
export const hashBound = z.string().regex(/^[0-9a-f]{16}$/);

/** 128 random bits, made when an empty directory is formatted, never reused; 32 lower-case hexadecimal digits. */
export const replicaId = z.string().regex(/^[0-9a-f]{32}$/);

export const memberKind = z.enum(['Voter', 'Learner']).describe('A Voter may be in sync and primary; a Learner only follows.');

export const assignment = z.strictObject({
  node: z.string().min(1).max(253).describe('Node (Pod name) that holds a copy.'),
  kind: memberKind.default('Voter'),
});

export const member = z.strictObject({
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
});

export const vectorShardSpec = z.strictObject({
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
});

export const vectorShardStatus = z
  .strictObject({
    observedGeneration,
    conditions,
    epoch: z.int().min(0).describe('Number of the current configuration; 0 until there is a first primary.'),
    primary: replicaId.describe('Replica that orders writes in this epoch.'),
    inSync: z.array(replicaId).max(16).meta({ 'x-kubernetes-list-type': 'set' }).describe('Replicas that hold every acknowledged write.'),
    minInSync: z.int32().min(1).describe('Writes are acknowledged only while at least this many are in sync.'),
    members: z
      .array(member)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['replicaId'] })
      .describe('Replicas that exist.'),
  })
  .partial();

export type MemberKind = z.output<typeof memberKind>;
export type Assignment = z.output<typeof assignment>;
export type Member = z.output<typeof member>;
export type VectorShardSpec = z.output<typeof vectorShardSpec>;
export type VectorShardStatus = z.output<typeof vectorShardStatus>;
export type VectorShard = CustomResource<'VectorShard', VectorShardSpec, VectorShardStatus>;
