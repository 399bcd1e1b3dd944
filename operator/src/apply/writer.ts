/** The writes of one controller. What was written is expected in the cache before the same key is decided on again. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { AlreadyExistsError, ForbiddenError } from '@vectorcluster/kube/errors.ts';
import type { Expectations, View } from '@vectorcluster/kube/expectations.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import { foreignOwner } from '../observe/objects.ts';
import type { Precondition } from '../plan/step.ts';
import type { BuiltObject } from '../resources/built-object.ts';

export interface WriterOptions {
  readonly client: KubeClient;
  readonly expectations: Expectations;
  /** Who owns the fields, such as `vectorcluster-operator-pool`. */
  readonly fieldManager: string;
}

/** A kind with the cache that shows its writes. */
export interface Written<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly view: View;
}

export class ForeignObjectError extends Error {
  override readonly name = 'ForeignObjectError';

  constructor(object: BuiltObject, owner: string) {
    super(`${object.kind} ${object.metadata.name} exists and belongs to ${owner}; delete it, or choose another name`);
  }
}

export class Writer {
  readonly #client: KubeClient;
  readonly #expectations: Expectations;
  readonly #fieldManager: string;

  constructor({ client, expectations, fieldManager }: WriterOptions) {
    this.#client = client;
    this.#expectations = expectations;
    this.#fieldManager = fieldManager;
  }

  /** Server-side apply. Throws ForeignObjectError rather than take over what the cache, which sees only our own, did not show. */
  async apply<T extends KubeObject>(key: string, { type, view }: Written<T>, object: BuiltObject): Promise<void> {
    const { name, namespace } = object.metadata;
    const stored = view.get(namespace, name) ?? (await this.#client.get(type, name, namespace));
    const owner = stored && foreignOwner(object, stored);
    if (owner !== undefined) throw new ForeignObjectError(object, owner);
    this.#expectations.written(key, view, await this.#client.apply(type, object, { fieldManager: this.#fieldManager, force: true }));
  }

  /** Throws AlreadyExistsError. */
  async create<T extends KubeObject>(key: string, { type, view }: Written<T>, object: T): Promise<T> {
    const created = await this.#client.create(type, object);
    this.#expectations.written(key, view, created);
    return created;
  }

  /**
   * Throws what `create` would throw if the object of that name were gone. A full quota is left out: what is there counts in it, and goes
   * first.
   */
  async assertReplaceable<T extends KubeObject>({ type }: Written<T>, object: T): Promise<void> {
    try {
      await this.#client.createDryRun(type, object);
    } catch (error) {
      const isFull = error instanceof ForbiddenError && error.message.includes('exceeded quota');
      if (!isFull && !(error instanceof AlreadyExistsError)) throw error;
    }
  }

  /** Merge patch; with a resourceVersion in it a compare-and-swap. */
  async patch<T extends KubeObject>(key: string, { type, view }: Written<T>, { metadata }: T, patch: object): Promise<void> {
    this.#expectations.written(key, view, await this.#client.patch(type, metadata.name, metadata.namespace, patch));
  }

  /** ConflictError when the object is not as it was when its deletion was decided. Never with a grace period of zero. */
  async delete<T extends KubeObject>(key: string, { type, view }: Written<T>, object: T, precondition: Precondition): Promise<void> {
    const { name, namespace } = object.metadata;
    const options = { uid: precondition.uid, resourceVersion: precondition.resourceVersion };
    if (await this.#client.delete(type, name, namespace, options)) this.#expectations.deleted(key, view, object);
  }

  /** Server-side apply of the status alone. */
  async applyStatus<T extends KubeObject>(key: string, { type, view }: Written<T>, object: T, status: object): Promise<void> {
    const { name, namespace } = object.metadata;
    const applied = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, namespace }, status };
    this.#expectations.written(key, view, await this.#client.applyStatus(type, applied, { fieldManager: this.#fieldManager, force: true }));
  }

  /** For writes that were made by other means. */
  noteWritten<T extends KubeObject>(key: string, { view }: Written<T>, object: T): void {
    this.#expectations.written(key, view, object);
  }
}
