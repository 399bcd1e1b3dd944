/** VectorCollection: one collection of a cluster, made by a client's create call or by kubectl apply; both are equal. */
import { z } from 'zod';
import { conditions, label, observedGeneration, type CustomResource } from './meta.ts';
import { rules } from './structural-schema.ts';
import { copies } from './vector-cluster.ts';

export const distance = z.enum(['Cosine', 'Dot', 'Euclid', 'Manhattan']).describe('Measure of similarity.');

export const hnsw = z
  .strictObject({
    m: z.int32().min(0).max(256).optional().describe('Edges per graph node; 16 when left out.'),
    efConstruct: z.int32().min(4).max(4096).optional().describe('Candidates looked at while building; 100 when left out.'),
    fullScanThresholdKb: z.int32().min(0).optional().describe('Below this size in KB a segment is scanned exactly.'),
  })
  .describe('Parameters of the HNSW graph.');

export const vectorParams = z.strictObject({
  name: z.string().max(200).default('').describe("Vector name; empty for the collection's only, unnamed vector."),
  size: z.int32().min(1).max(65536).describe('Dimensions.'),
  distance,
  hnsw: hnsw.optional(),
  onDisk: z.boolean().optional().describe('Kept as a hint and echoed to clients.'),
});

export const collectionName = z
  .string()
  .min(1)
  .max(255)
  // oxlint-disable-next-line no-control-regex -- the public API forbids exactly these two control characters
  .regex(/^[^<>:"/\\|?*\x00\x1f]+$/);

/** Names are unique in the cluster, collections and aliases together. */
export const alias = collectionName.describe('Another name for the collection.');

export const vectorCollectionSpec = z
  .strictObject({
    clusterName: label.describe('VectorCluster in the same namespace that holds the collection.'),
    collection: collectionName.describe('Name that clients use.'),
    shards: z.int32().min(1).max(1024).optional().describe("Number of shards; the cluster's default when left out."),
    replicationFactor: z
      .int32()
      .min(1)
      .max(9)
      .optional()
      .describe("Voting copies of each shard, which can change; the cluster's default when left out."),
    minInSync: z
      .int32()
      .min(1)
      .max(9)
      .optional()
      .describe("Copies that must be in sync for a write; the cluster's default when left out, at most replicationFactor."),
    readReplicas: z.int32().min(0).max(9).optional().describe("Copies on Read nodes; the cluster's default when left out."),
    vectors: z
      .array(vectorParams)
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .default([])
      .describe('Dense vectors of each point.'),
    hnsw: hnsw.optional(),
    aliases: z.array(alias).max(256).meta({ 'x-kubernetes-list-type': 'set' }).optional().describe('Other names of the collection.'),
    hints: z
      .looseObject({})
      .meta({ 'x-kubernetes-preserve-unknown-fields': true })
      .optional()
      .describe('Settings of the public API that are kept only to be echoed (optimizers_config, wal_config, on_disk_payload, metadata).'),
  })
  .describe('What the collection should be.')
  .meta(
    rules(
      {
        rule: 'self.clusterName == oldSelf.clusterName && self.collection == oldSelf.collection',
        message: 'clusterName and collection cannot change: shards are placed and named by them; make a new collection instead',
      },
      {
        rule: 'self.vectors == oldSelf.vectors',
        message: 'vectors cannot change: stored points have their shape; make a new collection and copy the points',
        fieldPath: '.vectors',
      },
      {
        rule: 'has(self.shards) == has(oldSelf.shards) && (!has(self.shards) || self.shards == oldSelf.shards)',
        message: 'shards cannot change: resharding is not served by this version; make a new collection instead',
        fieldPath: '.shards',
      },
      ...copies,
    ),
  );

export const vectorCollectionStatus = z
  .strictObject({
    observedGeneration,
    conditions,
    shards: z.strictObject({ total: z.int32(), ready: z.int32() }).describe('Shards that exist and that serve.'),
    shardsReady: z.string().max(32).describe('ready/total of shards, for people.'),
    copies: z
      .strictObject({
        wanted: z.int32().describe('Voting copies of all shards together, as replicationFactor asks for.'),
        inSync: z.int32().describe('Those that hold every acknowledged write.'),
      })
      .describe('Voting copies.'),
    counts: z
      .strictObject({ points: z.int().min(0).describe('Points that the primaries hold.') })
      .describe('What the primaries reported a moment ago; at most as old as a minute while it changes.'),
  })
  .partial();

export type HnswParams = z.output<typeof hnsw>;
export type VectorParams = z.output<typeof vectorParams>;
export type VectorCollectionSpec = z.output<typeof vectorCollectionSpec>;
export type VectorCollectionStatus = z.output<typeof vectorCollectionStatus>;
export type VectorCollection = CustomResource<'VectorCollection', VectorCollectionSpec, VectorCollectionStatus>;
