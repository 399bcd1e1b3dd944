import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';

/**
 * Shards by the collection that they name, kept as the cache changes. A node that is lost changes a thousand shards of as many collections:
 * to look for each of those through all shards would keep the operator from failing them over.
 */
export class ShardsOfCollections implements Disposable {
  readonly #byCollection = new Map<string, Map<string, VectorShard>>();
  readonly #unsubscribe: () => void;

  constructor(shards: Pick<Informer<VectorShard>, 'list' | 'onChange'>) {
    for (const shard of shards.list()) this.#put(shard);
    this.#unsubscribe = shards.onChange(({ kind, object }) => {
      if (kind === 'deleted') this.#remove(object);
      else this.#put(object);
    });
  }

  /** In no particular order. */
  of(namespace: string, collection: string): readonly VectorShard[] {
    return [...(this.#byCollection.get(objectKey(namespace, collection))?.values() ?? [])];
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  #put(shard: VectorShard): void {
    const collection = collectionOf(shard);
    const siblings = this.#byCollection.get(collection);
    if (siblings === undefined) this.#byCollection.set(collection, new Map([[shard.metadata.name, shard]]));
    else siblings.set(shard.metadata.name, shard);
  }

  #remove(shard: VectorShard): void {
    const collection = collectionOf(shard);
    const siblings = this.#byCollection.get(collection);
    siblings?.delete(shard.metadata.name);
    if (siblings?.size === 0) this.#byCollection.delete(collection);
  }
}

function collectionOf({ metadata, spec }: VectorShard): string {
  return objectKey(metadata.namespace, spec.vectorCollection);
}
