/** Statuses of a shard, and nodes that put them. */
import { objectOf, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { shardSpec, type NodeIdentity, type NodeSpace } from './node-space.ts';

export const id = (digit: string): string => digit.repeat(32);

export function member(digit: string, node: NodeIdentity | string, changes: JsonObject = {}): JsonObject {
  const pod = typeof node === 'string' ? { node, podUid: `pod-of-${node}` } : { node: node.name, podUid: node.podUid };
  return { replicaId: id(digit), ...pod, zone: 'a', kind: 'Voter', eligibleFromEpoch: 1, ...changes };
}

/** Epoch 2; primary is a on shop-data-0, b on shop-data-1 is in sync too. */
export function inForce(space: NodeSpace, changes: JsonObject = {}): JsonObject {
  return {
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True', reason: 'Serving', message: 'serves', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    epoch: 2,
    primary: id('a'),
    inSync: [id('a'), id('b')],
    minInSync: 1,
    members: [member('a', space.node('shop-data-0')), member('b', space.node('shop-data-1'))],
    ...changes,
  };
}

/** `writer` puts a status over `before`. */
export async function put(
  space: NodeSpace,
  writer: string,
  change: (before: JsonObject) => JsonObject,
  start: { readonly status?: JsonObject; readonly spec?: JsonObject } = {},
): Promise<Reply> {
  const before = start.status ?? inForce(space);
  const shard = await space.shard({ ...shardSpec, ...start.spec }, before);
  return space.putStatus(space.node(writer).token, shard, { ...before, ...change(before) });
}

export const membersOf = (status: JsonObject): JsonObject[] => (Array.isArray(status['members']) ? status['members'].map(objectOf) : []);
