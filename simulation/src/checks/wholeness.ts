/** Whether a shard is as it should be once nothing troubles it. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { isMoving } from '@vectorcluster/operator/plan/staying-copies.ts';
import type { Machine } from '../node/machine.ts';
import type { Ledger } from './ledger.ts';

/**
 * It is led, its primary serves, and all its copies are in sync, open and sound: the object may not know yet of an empty or damaged volume.
 * There are as many as are wanted, and more only while one moves: that takes long where a primary has to hand over first, and its clock
 * leaves it less time for that than the way to the operator takes.
 */
export function isWhole(object: VectorShard, machines: readonly Machine[], copies: number): boolean {
  const { assignments } = object.spec;
  const { inSync = [], members = [] } = object.status ?? {};
  const hasAll = [inSync, members].every(({ length }) => length === assignments.length);
  const moving = assignments.filter((copy) => isMoving(copy, assignments)).length;
  const sound = new Set(machines.map((machine) => soundCopy(object.metadata.uid ?? '', machine)));
  const areSound = inSync.every((replicaId) => sound.has(replicaId));
  return isServed(object, machines) && hasAll && assignments.length - moving === copies && areSound;
}

/** By its primary, which waits for no answer about the in-sync set: what it asked for may come into force when it is gone. */
function isServed({ metadata, status }: VectorShard, machines: readonly Machine[]): boolean {
  const leader = machines.find(({ node }) => node === status?.members?.find(({ replicaId }) => replicaId === status.primary)?.node);
  const replica = leader?.running?.replicas.find(metadata.uid ?? '');
  if (replica?.servingEpoch !== BigInt(status?.epoch ?? 0) || replica.replicaId !== status?.primary) return false;
  const { role } = replica.runner.replica;
  return role.kind === 'leading' && role.change === undefined;
}

/** The id of the copy that a machine could still give to others; one that met its damage is barred, whether or not the object says so yet. */
function soundCopy(shard: string, { running }: Machine): string | undefined {
  const replica = running?.replicas.find(shard)?.runner.replica;
  return replica?.role.kind === 'barred' ? undefined : replica?.replicaId;
}

/** The last copy in sync is damaged, the others had left the set before anybody met it, and the operator has said so. */
export function isLeftToAPerson({ status }: VectorShard, { damaged }: Ledger): boolean {
  const [last, ...others] = status?.inSync ?? [];
  const isTold = status?.conditions?.some(({ type, reason }) => type === 'Stalled' && reason === 'CopyLost') ?? false;
  return isTold && others.length === 0 && last !== undefined && damaged.has(last);
}
