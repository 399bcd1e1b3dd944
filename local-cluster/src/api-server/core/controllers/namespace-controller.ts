/** Gives each namespace its default ServiceAccount, and empties one that is being deleted. */
import type { ApiCore } from '../api-core.ts';
import type { StoredObject } from '../object.ts';
import type { Change } from '../store/store.ts';

export class NamespaceController {
  readonly #core: ApiCore;
  #isDirty = true;

  constructor(core: ApiCore) {
    this.#core = core;
  }

  observe(change: Change): void {
    // What goes from a namespace may have been the last of it.
    if (change.storage === 'namespaces' || change.object === undefined) this.#isDirty = true;
  }

  run(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    for (const namespace of Array.from(this.#core.store.values('namespaces'))) {
      if (namespace.metadata.deletionTimestamp === undefined) this.#ensureAccount(namespace.metadata.name);
      else this.#empty(namespace);
    }
  }

  #ensureAccount(namespace: string): void {
    const resource = this.#core.resource('v1', 'serviceaccounts');
    if (this.#core.peek(resource, namespace, 'default') !== undefined) return;
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
    this.#core.create({ resource, namespace, name: '' }, account, { fieldManager: 'namespace-controller' });
  }

  #empty(namespace: StoredObject): void {
    const { name } = namespace.metadata;
    let remaining = 0;
    for (const resource of this.#core.registry.stored().filter((each) => each.namespaced)) {
      for (const object of this.#core.list(resource, { namespace: name }).items) {
        const target = { resource, namespace: name, name: object.metadata.name };
        const isGone = object.metadata.deletionTimestamp === undefined && this.#core.delete(target, { propagation: 'Background' }).isGone;
        if (!isGone) remaining += 1;
      }
    }
    if (remaining === 0) this.#core.finalizeNamespace(name);
  }
}
