/** VectorCluster: what a person writes to get a sharded vector store. */
import { z } from 'zod';
import { conditions, label, observedGeneration, quantity, type CustomResource } from './meta.ts';
import { podTemplate } from './pod-template.ts';
import { rules, type ValidationRule } from './structural-schema.ts';

export const role = z
  .enum(['Data', 'Read', 'Index'])
  .describe('Data holds voting copies of shards; Read holds copies that only serve reads; Index builds indexes and holds nothing.');

export const storage = z
  .strictObject({
    size: quantity.describe('Size of the volume of each node, such as 50Gi. It can grow, never shrink.'),
    storageClassName: z.string().max(253).optional().describe("StorageClass of the volumes; the cluster's default when left out."),
    volumeAttributesClassName: z.string().max(253).optional().describe('VolumeAttributesClass of the volumes.'),
  })
  .describe('The volume of each node.')
  .meta(
    rules(
      {
        rule: 'quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0',
        message: 'size cannot shrink: a volume cannot give space back; make a new pool with smaller volumes instead',
        fieldPath: '.size',
      },
      {
        // Taking it out is how one that was set by mistake is set back.
        rule: '!has(oldSelf.storageClassName) || !has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName',
        message:
          'storageClassName cannot change: a volume keeps its class for life; add a pool with the other class and take this one out instead',
        fieldPath: '.storageClassName',
      },
    ),
  );

const resourceList = z.record(z.string(), quantity);

export const resources = z
  .strictObject({
    requests: resourceList.optional().describe('What the scheduler reserves for each Pod.'),
    limits: resourceList.optional().describe('What each Pod may use at most.'),
  })
  .describe('Compute resources of each node.');

export const toleration = z.strictObject({
  key: z.string().max(317).optional().describe('Taint key; all keys when left out with operator Exists.'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('How key and value are compared; Equal when left out.'),
  value: z.string().max(63).optional().describe('Taint value, for operator Equal.'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Taint effect; all effects when left out.'),
  tolerationSeconds: z.int().optional().describe('Seconds a Pod stays after a NoExecute taint appears.'),
});

export const scheduling = z
  .strictObject({
    nodeSelector: z.record(z.string(), z.string().max(63)).optional().describe('Labels that a Kubernetes node must carry.'),
    tolerations: z.array(toleration).max(32).optional().describe('Taints that the Pods bear.'),
    priorityClassName: z.string().max(253).optional().describe('PriorityClass of the Pods.'),
  })
  .describe('Where the Pods may run, apart from zones.');

/** What one pool's nodes are made of; a VectorPool carries the same as `spec.template`. */
export const poolTemplate = z
  .strictObject({
    storage: storage.optional(),
    resources: resources.optional(),
    scheduling: scheduling.optional(),
    podTemplate: podTemplate.optional(),
  })
  .describe('What each node of the pool is made of.');

export const pool = z
  .strictObject({
    name: label.max(20).describe('Name of the pool, unique in the cluster.'),
    role: role.default('Data'),
    replicas: z
      .int32()
      .min(0)
      .max(1000)
      .optional()
      .describe('Number of nodes. Left out: the VectorPool keeps its own number, for kubectl scale and autoscalers.'),
    storage: storage.optional(),
    resources: resources.optional(),
    scheduling: scheduling.optional(),
    podTemplate: podTemplate.optional(),
  })
  .describe('A set of equal nodes with one role.')
  .meta(
    rules(
      {
        rule: 'self.role == oldSelf.role',
        message: 'role of a pool cannot change: its nodes hold what the role says; add a pool with the other role instead',
        fieldPath: '.role',
      },
      {
        rule: "self.role != 'Index'",
        message: 'role Index is not served by this version; use Data or Read',
        fieldPath: '.role',
      },
      {
        rule: "self.role == 'Index' || has(self.storage)",
        message: 'storage is required: nodes that hold shards need a volume; give storage.size',
      },
    ),
  );

export const zones = z
  .strictObject({
    topologyKey: z.string().min(1).max(317).default('topology.kubernetes.io/zone').describe('Node label whose value is the zone.'),
    values: z
      .array(z.string().min(1).max(63))
      .min(1)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .optional()
      .describe('Zones to use; all zones that ready nodes are in when left out.'),
  })
  .describe('Failure domains that nodes and copies are spread over.');

/** Rules for every place that says how many copies there are. */
export const copies: readonly ValidationRule[] = [
  {
    rule: '!has(self.minInSync) || !has(self.replicationFactor) || self.minInSync <= self.replicationFactor',
    message: 'minInSync cannot be above replicationFactor: no write could ever be acknowledged; lower it',
    fieldPath: '.minInSync',
  },
];

export const collectionDefaults = z
  .strictObject({
    shards: z.int32().min(1).max(1024).default(6).describe('Shards of a collection that does not say.'),
    replicationFactor: z.int32().min(1).max(9).default(1).describe('Voting copies of each shard.'),
    minInSync: z.int32().min(1).max(9).default(1).describe('Copies that must be in sync for a write to be acknowledged.'),
    readReplicas: z.int32().min(0).max(9).default(0).describe('Copies on Read nodes of each shard.'),
  })
  .describe('Values for collections that leave them out.')
  .meta(rules(...copies));

export const vectorClusterSpec = z
  .strictObject({
    version: z.string().min(1).max(64).optional().describe("Version of the storage nodes; the operator's own when left out."),
    image: z.string().min(1).max(512).optional().describe('Full image of the storage nodes, instead of version.'),
    zones: zones.prefault({}),
    pools: z
      .array(pool)
      .min(1)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('The nodes, by pool.'),
    collectionDefaults: collectionDefaults.prefault({}),
    update: z
      .strictObject({
        pause: z.boolean().default(false).describe('Plan changes of Pods, but do not carry them out.'),
      })
      .prefault({})
      .describe('How changes of Pods are rolled out.'),
    repair: z
      .strictObject({
        gracePeriodSeconds: z
          .int32()
          .min(1)
          .max(604_800)
          .default(60)
          .describe('A node that is away for longer is taken for lost, and its copies are made anew on other nodes.'),
      })
      .prefault({})
      .describe('How lost nodes are made up for.'),
    rebalance: z
      .strictObject({
        mode: z
          .enum(['Auto', 'Off'])
          .default('Auto')
          .describe('Auto: copies go to nodes that hold fewer, as after nodes were added. Off: they stay where they are.'),
        copiesAtOnce: z.int32().min(1).max(4).default(2).describe('Copies that move at once for the sake of balance.'),
      })
      .prefault({})
      .describe('How copies are spread anew over nodes.'),
    deletionPolicy: z.enum(['Retain', 'Delete']).default('Retain').describe('What becomes of the volumes when the cluster is deleted.'),
  })
  .meta(
    rules(
      {
        rule: '!(has(self.version) && has(self.image))',
        message: 'give version or image, not both: image already says which version runs',
      },
      {
        rule: "self.pools.exists(p, p.role == 'Data')",
        message: 'pools needs one with role Data: only Data nodes hold voting copies of shards',
        fieldPath: '.pools',
      },
      {
        rule: 'self.pools.all(p, self.pools.exists_one(q, q.name == p.name))',
        message: 'pools has two of one name, after which nodes and volumes are named; give each pool its own name',
        fieldPath: '.pools',
      },
    ),
  );

export const step = z
  .strictObject({
    kind: z.string().max(64).describe('What is being done, such as create-pod.'),
    object: z.string().max(317).describe('Name of the object it is done to.'),
    because: z.string().max(1024).describe('Why.'),
  })
  .describe('One step of the plan under way.');

export const vectorClusterStatus = z
  .strictObject({
    observedGeneration,
    conditions,
    endpoint: z.string().max(317).describe('Host name of the client Service; REST on 6333, gRPC on 6334.'),
    nodes: z
      .strictObject({
        total: z.int32().describe('Nodes wanted.'),
        ready: z.int32().describe('Nodes that are ready.'),
      })
      .describe('Storage nodes.'),
    nodesReady: z.string().max(32).describe('ready/total of nodes, for people.'),
    zones: z.array(z.string().max(63)).max(32).meta({ 'x-kubernetes-list-type': 'atomic' }).describe('Zones in use.'),
    collections: z.int32().describe('Collections of this cluster.'),
    version: z.string().max(64).describe('Version that all nodes run; empty while they differ.'),
    copiesToMove: z
      .int32()
      .describe(
        'Copies that are to move, or are on their way, so that nodes hold equally much; nothing is moved while spec.rebalance.mode is Off.',
      ),
    plan: z.array(step).max(64).meta({ 'x-kubernetes-list-type': 'atomic' }).describe('Steps under way, each with its reason.'),
  })
  .partial();

export type Role = z.output<typeof role>;
export type Pool = z.output<typeof pool>;
export type PoolTemplate = z.output<typeof poolTemplate>;
export type Storage = z.output<typeof storage>;
export type VectorClusterSpec = z.output<typeof vectorClusterSpec>;
export type VectorClusterStatus = z.output<typeof vectorClusterStatus>;
export type VectorCluster = CustomResource<'VectorCluster', VectorClusterSpec, VectorClusterStatus>;
