/** The CustomResourceDefinitions of the group, made from the zod schemas. */
import type { z } from 'zod';
import { group, statusBeforeAny, version } from './meta.ts';
import { structuralSchema, type StructuralSchema, type ValidationRule } from './structural-schema.ts';
import { vectorClusterSpec, vectorClusterStatus } from './vector-cluster.ts';
import { vectorCollectionSpec, vectorCollectionStatus } from './vector-collection.ts';
import { vectorPoolSpec, vectorPoolStatus } from './vector-pool.ts';
import { vectorShardSpec, vectorShardStatus } from './vector-shard.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly priority?: number;
  readonly description?: string;
}

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  /** Longest name: names of Pods and label values are derived from it. */
  readonly maxNameLength: number;
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath: string };
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

const ready = (jsonPath: string): PrinterColumn => ({ name: 'Ready', type: 'string', jsonPath });
const condition = (type: string): string => `.status.conditions[?(@.type=="${type}")]`;
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
const why: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: `${condition('Ready')}.reason`,
  description: 'Why it is ready, or not.',
};

const kinds: readonly Kind[] = [
  {
    kind: 'VectorCluster',
    plural: 'vectorclusters',
    shortNames: ['vc'],
    description: 'A sharded vector store: pools of storage nodes over zones, and the defaults of its collections.',
    spec: vectorClusterSpec,
    status: vectorClusterStatus,
    maxNameLength: 30,
    columns: [
      ready(`${condition('Ready')}.status`),
      { name: 'Nodes', type: 'string', jsonPath: '.status.nodesReady' },
      { name: 'Collections', type: 'integer', jsonPath: '.status.collections' },
      { name: 'Version', type: 'string', jsonPath: '.status.version' },
      why,
      { name: 'Endpoint', type: 'string', jsonPath: '.status.endpoint', priority: 1 },
      age,
    ],
  },
  {
    kind: 'VectorPool',
    plural: 'vectorpools',
    shortNames: ['vpool'],
    description: 'One pool of a VectorCluster, made by the operator; kubectl scale and autoscalers act on it.',
    spec: vectorPoolSpec,
    status: vectorPoolStatus,
    maxNameLength: 52,
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
    columns: [
      { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterName' },
      { name: 'Role', type: 'string', jsonPath: '.spec.role' },
      { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
      { name: 'Current', type: 'integer', jsonPath: '.status.replicas' },
      { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
      age,
    ],
  },
  {
    kind: 'VectorCollection',
    plural: 'vectorcollections',
    shortNames: ['vcol'],
    description: "One collection of a VectorCluster; a client's create call and kubectl apply make the same object.",
    spec: vectorCollectionSpec,
    status: vectorCollectionStatus,
    maxNameLength: 200,
    columns: [
      { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterName' },
      { name: 'Collection', type: 'string', jsonPath: '.spec.collection' },
      ready(`${condition('Ready')}.status`),
      { name: 'Shards', type: 'string', jsonPath: '.status.shardsReady' },
      { name: 'Points', type: 'integer', jsonPath: '.status.counts.points', priority: 1 },
      why,
      age,
    ],
  },
  {
    kind: 'VectorShard',
    plural: 'vectorshards',
    shortNames: ['vshard'],
    description: 'Configuration of one shard: which copies exist, which are in sync, which one is primary, in which epoch.',
    spec: vectorShardSpec,
    status: vectorShardStatus,
    maxNameLength: 253,
    columns: [
      { name: 'Collection', type: 'string', jsonPath: '.spec.collection' },
      ready(`${condition('Ready')}.status`),
      { name: 'Primary', type: 'string', jsonPath: '.status.primaryNode' },
      { name: 'Epoch', type: 'integer', jsonPath: '.status.epoch' },
      { name: 'In-Sync', type: 'string', jsonPath: '.status.copiesInSync', description: 'Copies in sync, of those wanted.' },
      why,
      { name: 'First', type: 'string', jsonPath: '.spec.hashRange.first', priority: 1 },
      { name: 'Replica', type: 'string', jsonPath: '.status.primary', priority: 1, description: 'Replica id of the primary.' },
      age,
    ],
  },
];

export function customResourceDefinitions(): readonly CustomResourceDefinition[] {
  return kinds.map(definition);
}

function definition(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: kind.shortNames,
        categories: ['vector'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {}, ...(kind.scale && { scale: kind.scale }) },
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: root(kind) },
        },
      ],
    },
  };
}

function root(kind: Kind): StructuralSchema {
  const nameFits: ValidationRule = {
    rule: `size(self.metadata.name) <= ${kind.maxNameLength}`,
    message: `metadata.name of a ${kind.kind} has at most ${kind.maxNameLength} characters, because names of other objects are derived from it; choose a shorter one`,
  };
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: { ...structuralSchema(kind.spec), description: 'What is wanted.' },
      status: { ...structuralSchema(kind.status), description: 'What is, as the operator and the nodes see it.', default: statusBeforeAny },
    },
    'x-kubernetes-validations': [nameFits],
  };
}
