/** Leases in memory with the compare-and-swap of the API server, and a switch for each way of failing. */
import { AlreadyExistsError, apiErrorFrom, ConflictError, unavailable } from '../src/errors.ts';
import type { LeaseOptions } from '../src/leader-election.ts';
import type { KubeObject, ResourceType } from '../src/object.ts';
import type { Lease } from '../src/types/coordination.ts';

export class MemoryLeases {
  stored: Lease | undefined;
  fault: 'none' | 'unavailable' | 'hangs' | 'answers-lost' = 'none';
  writes = 0;
  #version = 0;

  readonly client: LeaseOptions['client'] = {
    get: async <T extends KubeObject>(type: ResourceType<T>) => {
      await this.#meet();
      const { stored } = this;
      return isOf(type, stored) ? stored : undefined;
    },
    create: async <T extends KubeObject>(_type: ResourceType<T>, object: T) => {
      await this.#meet();
      if (this.stored !== undefined) throw new AlreadyExistsError({ status: 409, reason: 'AlreadyExists', message: 'it exists' });
      return this.#store(object);
    },
    replace: async <T extends KubeObject>(_type: ResourceType<T>, object: T) => {
      await this.#meet();
      if (this.stored === undefined) throw apiErrorFrom(404, {});
      if (this.stored.metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw new ConflictError({ status: 409, reason: 'Conflict', message: 'it has changed' });
      }
      return this.#store(object);
    },
  };

  get holder(): string | undefined {
    return this.stored?.spec?.holderIdentity;
  }

  async #meet(): Promise<void> {
    if (this.fault === 'unavailable') throw unavailable('lease', new Error('connection refused'));
    if (this.fault === 'hangs') await new Promise<never>(() => {});
  }

  #store<T extends KubeObject>(object: T): T {
    this.writes += 1;
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.stored = stored;
    if (this.fault === 'answers-lost') throw unavailable('lease', new Error('connection reset'));
    return stored;
  }
}

function isOf<T extends KubeObject>(type: ResourceType<T>, object: KubeObject | undefined): object is T {
  return object?.kind === type.kind;
}
