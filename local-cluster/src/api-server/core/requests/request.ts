/** What a request asks for, after authentication and before any decision. */
import type { Admit } from '../admission/admission-request.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { Store } from '../store/store.ts';
import type { Registry } from '../registry.ts';

/** Where a request points. */
export interface Target {
  readonly resource: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly name: string;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface WriteOptions {
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean;
  readonly fieldValidation?: FieldValidation;
  readonly warn?: (text: string) => void;
  /** The last word on what is to be stored; throws to refuse it. */
  readonly admit?: Admit | undefined;
}

export interface ApplyOptions extends WriteOptions {
  readonly force?: boolean;
}

export type WritableSubresource = 'status';

/** Everything a decision may use of the world. */
export interface Surroundings {
  readonly store: Store;
  readonly registry: Registry;
  readonly now: () => Date;
  readonly newUid: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export const managerOf = (options: WriteOptions): string =>
  options.fieldManager === undefined || options.fieldManager === '' ? 'unknown' : options.fieldManager;

/** The kind under which a target's objects are stored, which may be another version. */
export function storedResource(world: Surroundings, resource: ResourceDefinition): ResourceDefinition {
  if (resource.conversion === undefined) return resource;
  return world.registry.stored().find((each) => each.storage === resource.storage) ?? resource;
}
