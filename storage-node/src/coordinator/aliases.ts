/** Aliases are kept in the spec of the VectorCollection they name. */
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import { ConflictError } from '@vectorcluster/kube/errors.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { Topology } from '../topology/topology.ts';
import { aliasWrites, planAliases, type AliasLists } from './alias-plan.ts';
import type { Coordination } from './coordination.ts';
import type { Alias, AliasAction } from './database.ts';
import { seenEverywhere } from './everywhere.ts';
import { requestBackoff } from './request-backoff.ts';

/** By collection, then alias. */
export function listAliases(topology: Topology, collection?: string): readonly Alias[] {
  return Array.from(topology.aliases, ([alias, route]) => ({ alias, collection: route.name }))
    .filter((each) => collection === undefined || each.collection === collection)
    .toSorted((a, b) => (a.collection === b.collection ? order(a.alias, b.alias) : order(a.collection, b.collection)));
}

/**
 * Plans on what the API server has now and writes by compare-and-swap, from the start again when someone else was faster.
 * Actions that touch one collection are atomic; see aliasWrites for those that touch more.
 */
export async function changeAliases(coordination: Coordination, actions: readonly AliasAction[], signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      const changed = await tryToChange(coordination, actions);
      await Promise.all(changed.map((object) => seenAs(coordination, object, signal)));
      return;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await coordination.sleep(backoffDelayMs(requestBackoff, tries + 1, coordination.random), signal);
    }
  }
}

async function tryToChange(coordination: Coordination, actions: readonly AliasAction[]): Promise<readonly VectorCollection[]> {
  const objects = new Map((await coordination.collections.listFresh()).map((object) => [object.spec.collection, object]));
  const now: AliasLists = new Map(Array.from(objects, ([name, { spec }]) => [name, spec.aliases ?? []]));
  const plan = planAliases(now, actions);
  if (plan.kind === 'refuse') throw plan.error;
  const changed = new Map<string, VectorCollection>();
  for (const { collection, aliases } of aliasWrites(now, plan.lists)) {
    const object = changed.get(collection) ?? objects.get(collection);
    if (object !== undefined) changed.set(collection, await coordination.collections.replaceAliases(object, aliases));
  }
  return [...changed.values()];
}

async function seenAs(coordination: Coordination, { metadata }: VectorCollection, signal: AbortSignal): Promise<void> {
  const observation = { collectionUid: metadata.uid ?? '', generation: metadata.generation ?? 1, serving: false };
  await coordination.observe(undefined, observation, signal);
  await seenEverywhere(coordination, observation, undefined, signal);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
