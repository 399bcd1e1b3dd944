/** What the API server knows of one kind in one version. */
import type { FieldError } from './field-error.ts';
import type { Json, JsonObject } from './json.ts';
import type { StoredObject } from './object.ts';
import type { Schema } from './schema/schema.ts';

export interface ScalePaths {
  /** Such as .spec.replicas. */
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly value: (object: StoredObject, now: Date) => Json;
}

/** Where a kind differs from a plain object with spec and status. All functions are pure. */
export interface Strategy {
  /** Fills in what the schema cannot; may change the draft. */
  readonly prepare?: (draft: StoredObject, old: StoredObject | undefined) => void;
  readonly validate?: (object: StoredObject, old: StoredObject | undefined) => readonly FieldError[];
  /** Undefined: removed at once. */
  readonly graceSeconds?: (object: StoredObject, asked: number | undefined) => number;
  /** Deleted objects stay while this holds, even without finalizers. */
  readonly staysWhenDeleted?: (object: StoredObject) => boolean;
  readonly markDeleted?: (draft: StoredObject) => void;
  readonly nameCheck?: 'subdomain' | 'label' | 'service' | 'path';
}

export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs?: readonly string[];
  /** Of the whole object; undefined: anything goes. */
  readonly schema: Schema | undefined;
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  readonly columns: readonly PrinterColumn[];
  /** Fields beside metadata.name and metadata.namespace that field selectors may use. */
  readonly selectableFields: readonly string[];
  readonly strategy: Strategy;
  /** generation is kept, and grows with every change of anything but metadata and status. */
  readonly hasGeneration: boolean;
  readonly isCustom: boolean;
  /** Between this version's shape and the stored one. */
  readonly conversion?: { readonly toStored: (object: JsonObject) => JsonObject; readonly fromStored: (object: JsonObject) => JsonObject };
  /** Where it is stored: versions and groups of one kind share it. */
  readonly storage: string;
}

export function groupVersion(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}
