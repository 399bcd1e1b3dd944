import { badRequest, tooOld } from '../api-error.ts';
import type { StoredObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { fieldSelector, labelSelector } from '../selectors.ts';
import type { Change } from '../store/store.ts';
import type { Surroundings } from './request.ts';

export type WatchEvent =
  | { readonly kind: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: StoredObject }
  | { readonly kind: 'BOOKMARK'; readonly resourceVersion: string; readonly endsInitialList: boolean };

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Undefined or "0": first everything there is, as ADDED. */
  readonly resourceVersion?: string | undefined;
  readonly sendInitialEvents?: boolean;
  readonly onEvent: (event: WatchEvent) => void;
}

export interface Watch {
  /** A revision up to which this watch has seen everything. */
  readonly position: () => string;
  readonly stop: () => void;
}

/** Calls back synchronously for what is missing, then for each change as it is published. */
export function watch(world: Surroundings, resource: ResourceDefinition, options: WatchOptions): Watch {
  const { store } = world;
  const { namespace, onEvent } = options;
  const byLabels = labelSelector(options.labelSelector);
  const byFields = fieldSelector(options.fieldSelector, resource);
  const matches = (object: StoredObject | undefined): object is StoredObject =>
    object !== undefined && (namespace === undefined || object.metadata.namespace === namespace) && byLabels(object) && byFields(object);
  const deliver = (change: Change): void => {
    if (change.storage !== resource.storage) return;
    const event = eventFor(change, matches);
    if (event !== undefined) onEvent(event);
  };

  const asked = options.resourceVersion === undefined || options.resourceVersion === '' ? 0 : Number(options.resourceVersion);
  if (!Number.isSafeInteger(asked) || asked < 0)
    throw badRequest(`Invalid value: ${JSON.stringify(options.resourceVersion)}: resourceVersion is not a number`);
  if (asked === 0 || options.sendInitialEvents === true) {
    const { published } = store;
    for (const object of store.valuesAt(resource.storage, published).toSorted(byKey)) {
      if (matches(object)) onEvent({ kind: 'ADDED', object });
    }
    if (options.sendInitialEvents === true) onEvent({ kind: 'BOOKMARK', resourceVersion: String(published), endsInitialList: true });
  } else {
    if (asked < store.oldest) throw tooOld(asked, store.oldest);
    for (const change of store.changesAfter(asked)) if (change.revision <= store.published) deliver(change);
  }
  return { position: () => String(store.published), stop: store.subscribe(deliver) };
}

/** An object that leaves the selection is DELETED to this watch, one that enters is ADDED. */
function eventFor(change: Change, matches: (object: StoredObject | undefined) => object is StoredObject): WatchEvent | undefined {
  const { object, previous } = change;
  if (matches(object)) return { kind: matches(previous) ? 'MODIFIED' : 'ADDED', object };
  if (!matches(previous)) return undefined;
  const last = object ?? previous;
  return { kind: 'DELETED', object: { ...last, metadata: { ...last.metadata, resourceVersion: String(change.revision) } } };
}

const byKey = (left: StoredObject, right: StoredObject): number =>
  `${left.metadata.namespace ?? ''}/${left.metadata.name}` < `${right.metadata.namespace ?? ''}/${right.metadata.name}` ? -1 : 1;
