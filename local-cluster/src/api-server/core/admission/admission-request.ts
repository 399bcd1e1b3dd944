/** A write as admission sees it: who asks for what, and the object before and after. */
import type { ResourceDefinition } from '../resource.ts';
import type { JsonObject } from '../json.ts';
import type { StoredObject } from '../object.ts';

export interface Requester {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What is known before the write is decided. */
export interface Admittance {
  readonly user: Requester;
  /** As addressed by the request. */
  readonly resource: ResourceDefinition;
  readonly subresource: string | undefined;
  /** Of the objects, where a subresource has a kind of its own. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string } | undefined;
  /** Of the object that the path names, empty when it names a whole collection; undefined: of the object itself. */
  readonly name?: string | undefined;
  readonly namespace: string | undefined;
  readonly dryRun: boolean;
  readonly options: JsonObject;
  readonly warn: (text: string) => void;
}

/** No old object: it is created. No new one: it is deleted. In the stored version. */
export interface ObjectChange<T extends JsonObject = StoredObject> {
  readonly object: T | undefined;
  readonly oldObject: T | undefined;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** Throws the refusal. */
export type Admit<T extends JsonObject = StoredObject> = (change: ObjectChange<T>) => void;

export function operationOf({ object, oldObject }: ObjectChange<JsonObject>): Operation {
  if (oldObject === undefined) return 'CREATE';
  return object === undefined ? 'DELETE' : 'UPDATE';
}
