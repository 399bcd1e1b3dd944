/** The VectorCollection objects of this cluster, as the coordinator changes them. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import {
  AlreadyExistsError as ObjectExistsError,
  ApiUnavailableError,
  ConflictError,
  InvalidError,
  TooManyRequestsError,
} from '@vectorcluster/kube/errors.ts';
import { vectorCollections } from '@vectorcluster/kube/types/vectorcluster.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { apiVersion } from '@vectorcluster/crds/meta.ts';
import { collectionObjectName } from '@vectorcluster/crds/names.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import { AlreadyExistsError, BadInputError, OverloadedError, ShardUnavailableError } from '../errors.ts';
import type { NewCollection } from './database.ts';

export interface CollectionObjectsOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly cluster: string;
}

export class CollectionObjects {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #cluster: string;

  constructor({ client, namespace, cluster }: CollectionObjectsOptions) {
    this.#client = client;
    this.#namespace = namespace;
    this.#cluster = cluster;
  }

  /** Throws AlreadyExistsError, or BadInputError with what the API server's schema and rules say. */
  async create(collection: string, settings: NewCollection): Promise<VectorCollection> {
    const object: VectorCollection = {
      apiVersion,
      kind: 'VectorCollection',
      metadata: {
        name: collectionObjectName(this.#cluster, collection),
        namespace: this.#namespace,
        labels: { [labels.cluster]: this.#cluster },
      },
      spec: { ...settings, clusterName: this.#cluster, collection },
    };
    try {
      return await this.#client.create(vectorCollections, object);
    } catch (error) {
      if (error instanceof ObjectExistsError)
        throw new AlreadyExistsError(`Collection \`${collection}\` already exists!`, { cause: error });
      throw clientError(error);
    }
  }

  /** False when it was gone already. Only this very object goes, not one made under its name since. */
  async delete(name: string, uid: string): Promise<boolean> {
    try {
      return await this.#client.delete(vectorCollections, name, this.#namespace, { uid, propagation: 'Background' });
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw clientError(error);
    }
  }

  /** As the API server has them now. */
  async listFresh(): Promise<readonly VectorCollection[]> {
    const { items } = await this.#talk(() => this.#client.list(vectorCollections, { namespace: this.#namespace }));
    return items.filter(({ spec, metadata }) => spec.clusterName === this.#cluster && metadata.deletionTimestamp === undefined);
  }

  /** Throws the API's ConflictError when the object has changed since it was read. */
  async replaceAliases(object: VectorCollection, aliases: readonly string[]): Promise<VectorCollection> {
    const changed = { ...object, spec: { ...object.spec, aliases: [...aliases] } };
    return await this.#talk(() => this.#client.replace(vectorCollections, changed));
  }

  async #talk<Result>(request: () => Promise<Result>): Promise<Result> {
    try {
      return await request();
    } catch (error) {
      throw clientError(error);
    }
  }
}

/** What of the API server's answer is the client's to know. */
function clientError(error: unknown): unknown {
  if (error instanceof InvalidError) return new BadInputError(error.message, { cause: error });
  if (error instanceof TooManyRequestsError)
    return new OverloadedError('the Kubernetes API takes no more requests', error.retryAfterSeconds);
  if (error instanceof ApiUnavailableError) {
    return new ShardUnavailableError('the Kubernetes API cannot be reached, and collections are kept there; try again', { cause: error });
  }
  return error;
}
