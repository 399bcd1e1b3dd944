import { badRequest, continueExpired } from '../api-error.ts';
import { isObject, type Json } from '../json.ts';
import { keyOf, type StoredObject } from '../object.ts';
import type { ResourceDefinition } from '../resource.ts';
import { fieldSelector, labelSelector } from '../selectors.ts';
import type { Surroundings } from './request.ts';

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
}

export interface Listed {
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Where a page ended, and of which revision of the world it showed. */
interface Cursor {
  readonly revision: number;
  readonly after: string;
}

export function list(world: Surroundings, resource: ResourceDefinition, options: ListOptions): Listed {
  const { store } = world;
  const cursor = options.continue === undefined || options.continue === '' ? undefined : readCursor(options.continue);
  if (cursor !== undefined && cursor.revision < store.oldest) throw continueExpired();
  const revision = cursor?.revision ?? store.revision;
  const source = revision === store.revision ? [...store.values(resource.storage)] : store.valuesAt(resource.storage, revision);
  const byLabels = labelSelector(options.labelSelector);
  const byFields = fieldSelector(options.fieldSelector, resource);
  const { namespace } = options;
  const matching = source
    .filter((object) => (namespace === undefined || object.metadata.namespace === namespace) && byLabels(object) && byFields(object))
    .map((object) => ({ key: keyOf(object), object }))
    .filter(({ key }) => cursor === undefined || key > cursor.after)
    .sort((left, right) => (left.key < right.key ? -1 : 1));
  const limit = options.limit === undefined || options.limit <= 0 ? matching.length : options.limit;
  const page = matching.slice(0, limit);
  const remaining = matching.length - page.length;
  const last = page.at(-1);
  const hasSelector = (options.labelSelector ?? '') !== '' || (options.fieldSelector ?? '') !== '';
  return {
    items: page.map(({ object }) => object),
    resourceVersion: String(revision),
    ...(remaining > 0 && last && { continue: writeCursor({ revision, after: last.key }) }),
    ...(remaining > 0 && !hasSelector && { remainingItemCount: remaining }),
  };
}

function writeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(token: string): Cursor {
  let json: Json;
  try {
    json = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch (cause) {
    throw badRequest(`continue key is not valid: ${cause instanceof Error ? cause.message : 'unreadable'}`);
  }
  if (!isObject(json) || typeof json['revision'] !== 'number' || typeof json['after'] !== 'string')
    throw badRequest('continue key is not valid');
  return { revision: json['revision'], after: json['after'] };
}
