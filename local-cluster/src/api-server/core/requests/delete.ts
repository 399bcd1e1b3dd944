import type { Admit } from '../admission/admission-request.ts';
import { conflict } from '../api-error.ts';
import { objectKey, timestamp, type StoredObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { storedResource, type Surroundings, type Target } from './request.ts';
import { find } from './update.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagation?: Propagation | undefined;
  readonly dryRun?: boolean;
  readonly admit?: Admit | undefined;
}

export interface Deleted {
  readonly object: StoredObject;
  /** False: it is marked, and goes when its finalizers or its grace period are over. */
  readonly isGone: boolean;
}

const propagationFinalizers: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: 'foregroundDeletion',
  Orphan: 'orphan',
};

export function remove(world: Surroundings, target: Target, options: DeleteOptions): Deleted {
  const resource = storedResource(world, target.resource);
  const old = find(world, { ...target, resource });
  checkPreconditions(resource, old, options);
  options.admit?.({ object: undefined, oldObject: old });
  const { metadata } = old;
  const finalizers = finalizersFor(metadata.finalizers ?? [], options.propagation);
  const asked = options.gracePeriodSeconds;
  const grace = resource.strategy.graceSeconds?.(old, asked) ?? 0;
  const sooner = metadata.deletionGracePeriodSeconds === undefined ? grace : Math.min(grace, metadata.deletionGracePeriodSeconds);
  const stays = resource.strategy.staysWhenDeleted?.(old) === true;
  if (finalizers.length === 0 && sooner === 0 && !stays) return gone(world, resource, old, options);
  const unchanged = metadata.deletionTimestamp !== undefined && sooner === (metadata.deletionGracePeriodSeconds ?? 0);
  if (unchanged && finalizers.length === (metadata.finalizers ?? []).length) return { object: old, isGone: false };
  const marked = mark(resource, old, finalizers, sooner, world.now());
  return { object: options.dryRun === true ? marked : world.store.write(resource.storage, marked), isGone: false };
}

function checkPreconditions(resource: ResourceDefinition, old: StoredObject, options: DeleteOptions): void {
  const { uid, resourceVersion, name } = old.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      resource,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      resource,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function finalizersFor(current: readonly string[], propagation: Propagation | undefined): string[] {
  if (propagation === undefined) return [...current];
  const others = current.filter((finalizer) => finalizer !== 'foregroundDeletion' && finalizer !== 'orphan');
  const own = propagationFinalizers[propagation];
  return own === undefined ? others : [...others, own];
}

function gone(world: Surroundings, resource: ResourceDefinition, old: StoredObject, options: DeleteOptions): Deleted {
  if (options.dryRun === true) return { object: old, isGone: true };
  const key = objectKey(old.metadata.namespace, old.metadata.name);
  return { object: world.store.remove(resource.storage, key) ?? old, isGone: true };
}

function mark(resource: ResourceDefinition, old: StoredObject, finalizers: string[], grace: number, now: Date): StoredObject {
  const metadata = { ...old.metadata, deletionGracePeriodSeconds: grace };
  // A later request can only bring the end nearer.
  metadata.deletionTimestamp ??= timestamp(new Date(now.getTime() + grace * 1000));
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (resource.hasGeneration && old.metadata.deletionTimestamp === undefined) metadata.generation = (old.metadata.generation ?? 0) + 1;
  const marked: StoredObject = { ...old, metadata };
  resource.strategy.markDeleted?.(marked);
  return marked;
}
