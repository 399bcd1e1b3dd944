/** VectorPool: one pool of a cluster as its own object, so that kubectl scale and autoscalers have something to hold. */
import { z } from 'zod';
import { conditions, label, observedGeneration, type CustomResource } from './meta.ts';
import { rules } from './structural-schema.ts';
import { poolTemplate, role } from './vector-cluster.ts';

export const vectorPoolSpec = z
  .strictObject({
    clusterName: label.describe('VectorCluster in the same namespace that this pool belongs to.'),
    poolName: label.max(20).describe('Name of the pool in the cluster.'),
    role: role.default('Data'),
    replicas: z.int32().min(0).max(1000).default(1).describe('Number of nodes.'),
    template: poolTemplate.prefault({}),
  })
  .meta(
    rules(
      {
        rule: 'self.clusterName == oldSelf.clusterName && self.poolName == oldSelf.poolName',
        message: 'clusterName and poolName cannot change: the nodes and volumes carry them; make a new pool instead',
      },
      {
        rule: 'self.role == oldSelf.role',
        message: 'role of a pool cannot change: its nodes hold what the role says; add a pool with the other role instead',
        fieldPath: '.role',
      },
    ),
  );

export const leavingNode = z
  .strictObject({
    node: z.string().min(1).max(253).describe('Node (Pod name) that leaves: its copies go to other nodes, then it goes with its volume.'),
    because: z.string().max(1024).describe('Why.'),
    copies: z.int32().min(0).describe('Copies that it held when it began to leave.'),
  })
  .describe('A node that leaves. Raising replicas keeps it, with the copies that it still has.');

export const vectorPoolStatus = z
  .strictObject({
    observedGeneration,
    conditions,
    replicas: z.int32().describe('Pods that exist.'),
    readyReplicas: z.int32().describe('Pods that are ready.'),
    selector: z.string().max(1024).describe("Label selector of the pool's Pods, for autoscalers."),
    leaving: z
      .array(leavingNode)
      .max(1000)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('Nodes that leave, in the order in which they are emptied.'),
  })
  .partial();

export type LeavingNode = z.output<typeof leavingNode>;
export type VectorPoolSpec = z.output<typeof vectorPoolSpec>;
export type VectorPoolStatus = z.output<typeof vectorPoolStatus>;
export type VectorPool = CustomResource<'VectorPool', VectorPoolSpec, VectorPoolStatus>;
