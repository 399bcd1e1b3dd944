/**
 * The Kubernetes API over objects in memory: no clock, chance or I/O of its own.
 *
 * Every method answers at once. What it wrote is durable, and visible to watches, when the store's `publish` has passed its revision.
 */
import { AdmissionPolicies } from './admission/policies.ts';
import { noSuchPath } from './api-error.ts';
import { builtInResources } from './builtin/resources.ts';
import type { ServiceIps } from './builtin/strategies.ts';
import { definedResources } from './custom/definition.ts';
import { at, clone, jsonEqual, textOf, type Json, type JsonObject } from './json.ts';
import { objectKey, type StoredObject } from './object.ts';
import { Registry } from './registry.ts';
import { create } from './requests/create.ts';
import { remove, type Deleted, type DeleteOptions } from './requests/delete.ts';
import { list, type Listed, type ListOptions } from './requests/list.ts';
import { apply, patch, type PatchKind } from './requests/patch.ts';
import type { ApplyOptions, Surroundings, Target, WritableSubresource, WriteOptions } from './requests/request.ts';
import { find, update } from './requests/update.ts';
import { watch, type Watch, type WatchOptions } from './requests/watch.ts';
import type { ResourceDefinition } from './resource.ts';
import { applyDefaults } from './schema/default.ts';
import type { Store } from './store/store.ts';

export interface ApiCoreOptions {
  readonly store: Store;
  readonly now: () => Date;
  readonly newUid: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly serviceIps?: ServiceIps;
}

const definitions = 'apiextensions.k8s.io/customresourcedefinitions';

export class ApiCore {
  readonly registry: Registry;
  readonly store: Store;
  /** What a front door asks before it writes; writes made directly here are the server's own and pass. */
  readonly admission: AdmissionPolicies;
  readonly #world: Surroundings;

  constructor(options: ApiCoreOptions) {
    this.registry = new Registry(builtInResources(options.serviceIps ?? { allocate: () => undefined }));
    this.store = options.store;
    this.admission = new AdmissionPolicies(options.store, this.registry);
    this.#world = { ...options, registry: this.registry };
    for (const definition of this.store.values(definitions)) this.#install(definition);
  }

  now(): Date {
    return this.#world.now();
  }

  /** Throws a 404 when no such kind is served. */
  resource(apiVersion: string, plural: string): ResourceDefinition {
    const found = this.registry.find(apiVersion, plural);
    if (found === undefined) throw noSuchPath();
    return found;
  }

  get(target: Target): StoredObject {
    return shown(target.resource, find(this.#world, target));
  }

  /** Undefined when there is no such object. */
  peek(resource: ResourceDefinition, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.store.get(resource.storage, objectKey(resource.namespaced ? namespace : undefined, name));
  }

  podNamed(namespace: string, name: string): StoredObject | undefined {
    return this.store.get('pods', objectKey(namespace, name));
  }

  list(resource: ResourceDefinition, options: ListOptions): Listed {
    const found = list(this.#world, resource, options);
    return resource.conversion === undefined ? found : { ...found, items: found.items.map((object) => shown(resource, object)) };
  }

  watch(resource: ResourceDefinition, options: WatchOptions): Watch {
    if (resource.conversion === undefined) return watch(this.#world, resource, options);
    const { onEvent } = options;
    return watch(this.#world, resource, {
      ...options,
      onEvent: (event) => onEvent(event.kind === 'BOOKMARK' ? event : { ...event, object: shown(resource, event.object) }),
    });
  }

  create(target: Target, body: JsonObject, options: WriteOptions = {}): StoredObject {
    return this.#written(target, create(this.#world, target, body, options), options);
  }

  update(target: Target, body: JsonObject, options: WriteOptions = {}, subresource?: WritableSubresource): StoredObject {
    return this.#written(target, update(this.#world, target, subresource, body, options), options);
  }

  patch(target: Target, kind: PatchKind, body: Json, options: WriteOptions = {}, subresource?: WritableSubresource): StoredObject {
    return this.#written(target, patch(this.#world, target, subresource, kind, body, options), options);
  }

  apply(
    target: Target,
    body: JsonObject,
    options: ApplyOptions,
    subresource?: WritableSubresource,
  ): { object: StoredObject; isNew: boolean } {
    const { object, isNew } = apply(this.#world, target, subresource, body, options);
    return { object: this.#written(target, object, options), isNew };
  }

  delete(target: Target, options: DeleteOptions = {}): Deleted {
    const { object, isGone } = remove(this.#world, target, options);
    if (isGone && options.dryRun !== true) this.#removed(target.resource, object);
    return { object: shown(target.resource, object), isGone };
  }

  /** The last step of deleting a namespace, when nothing is left in it. */
  finalizeNamespace(name: string): void {
    const key = objectKey(undefined, name);
    const namespace = this.store.get('namespaces', key);
    if (namespace === undefined) return;
    const emptied = this.store.write('namespaces', { ...namespace, spec: { finalizers: [] } });
    if ((emptied.metadata.finalizers ?? []).length === 0) this.store.remove('namespaces', key);
  }

  #written(target: Target, object: StoredObject, options: WriteOptions): StoredObject {
    if (target.resource.storage === definitions && options.dryRun !== true) this.#install(object);
    return shown(target.resource, object);
  }

  #removed(resource: ResourceDefinition, object: StoredObject): void {
    if (resource.storage !== definitions) return;
    const group = textOf(at(object, 'spec', 'group')) ?? '';
    const plural = textOf(at(object, 'spec', 'names', 'plural')) ?? '';
    for (const each of Array.from(this.store.values(`${group}/${plural}`)))
      this.store.remove(`${group}/${plural}`, objectKey(each.metadata.namespace, each.metadata.name));
    this.registry.removeCustom(group, plural);
  }

  #install(definition: StoredObject): void {
    const group = textOf(at(definition, 'spec', 'group')) ?? '';
    const plural = textOf(at(definition, 'spec', 'names', 'plural')) ?? '';
    this.registry.removeCustom(group, plural);
    for (const resource of definedResources(definition)) this.registry.add(resource);
    for (const resource of this.registry.stored()) {
      if (resource.group === group && resource.plural === plural) this.#fillIn(resource);
    }
  }

  /** Objects stored before a default was there are shown with it. */
  #fillIn({ storage, schema }: ResourceDefinition): void {
    for (const object of Array.from(this.store.values(storage))) {
      const filled = clone(object);
      applyDefaults(filled, schema);
      if (!jsonEqual(filled, object)) this.store.write(storage, filled);
    }
  }
}

/** A stored object in the version that was asked for. */
function shown(resource: ResourceDefinition, object: StoredObject): StoredObject {
  if (resource.conversion === undefined) return object;
  const { apiVersion: _version, kind, metadata, ...rest } = object;
  const converted = resource.conversion.fromStored({ ...rest, kind });
  return { ...converted, apiVersion: textOf(converted['apiVersion']) ?? '', kind, metadata };
}
