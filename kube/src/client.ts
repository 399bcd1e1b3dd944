/** Typed reads and writes. Every write that replaces something is a compare-and-swap; errors are the classes of errors.ts. */
import { connectionFromEnvironment, connectionFromKubeconfig, type Connection } from './connection.ts';
import { decodeObject } from './decode.ts';
import { GoneError, NotFoundError } from './errors.ts';
import { isRecord, recordIn, stringIn } from './json.ts';
import { noMetrics, type ClientMetrics } from './metrics.ts';
import type { KubeObject, ObjectName, ResourceType } from './object.ts';
import { collectionPath, objectPath, pathOf, query, type Selection, type Subresource } from './resource-url.ts';
import { Transport } from './transport.ts';
import { readWatch, type WatchEnd, type WatchOptions } from './watch.ts';

export interface KubeClientOptions {
  readonly userAgent?: string;
  /** How long one answer may take, default 30,000. */
  readonly requestTimeoutMs?: number;
  readonly metrics?: ClientMetrics;
}

export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface ListOptions<T> extends Selection {
  readonly signal?: AbortSignal;
  /** What of each object is needed: a page is thrown away before the next one is read. */
  readonly keep?: (object: T) => T;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers instead of failing with ConflictError. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
}

/** Which object is meant and, below its top-level fields, any part of it. */
export type Applied<T> = { readonly metadata: ObjectName } & { readonly [Field in keyof T]?: unknown };

const pageSize = 500;
const applyPatch = 'application/apply-patch+yaml';

export class KubeClient implements Disposable {
  /** Namespace of the kubeconfig's context, or of the Pod we run in. */
  readonly defaultNamespace: string | undefined;
  readonly #transport: Transport;

  constructor(connection: Connection, options: KubeClientOptions = {}) {
    this.defaultNamespace = connection.namespace;
    this.#transport = new Transport(connection, {
      userAgent: options.userAgent ?? 'vectorcluster',
      requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
      metrics: options.metrics ?? noMetrics,
    });
  }

  /** KUBECONFIG when it is set, else the Pod's ServiceAccount. */
  static async fromEnvironment(options?: KubeClientOptions): Promise<KubeClient> {
    return new KubeClient(connectionFromEnvironment(process.env), options);
  }

  /** Relative paths in the text are relative to the current folder. */
  static fromKubeconfig(yamlText: string, options?: KubeClientOptions): KubeClient {
    return new KubeClient(connectionFromKubeconfig(yamlText, process.cwd()), options);
  }

  /** What is stored now, not what a cache remembers; undefined when it is not there. Throws NotFoundError when its kind is not. */
  async get<T extends KubeObject>(type: ResourceType<T>, name: string, namespace?: string): Promise<T | undefined> {
    try {
      return decodeObject(
        type,
        await this.#transport.call({ method: 'GET', path: objectPath(type, name, namespace), resource: type.plural }),
      );
    } catch (error) {
      if (error instanceof NotFoundError && error.isOfObject) return undefined;
      throw error;
    }
  }

  /** Everything selected, page by page, all of one resourceVersion. Without a namespace: of all namespaces. */
  async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions<T> = {}): Promise<ListResult<T>> {
    try {
      return await this.#listPages(type, options, pageSize);
    } catch (error) {
      // The continue token went out of date half way: the whole list in one answer cannot.
      if (error instanceof GoneError) return this.#listPages(type, options, undefined);
      throw error;
    }
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#post(type, object, undefined);
  }

  /** Asks what `create` would answer; nothing is stored. */
  createDryRun<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#post(type, object, 'All');
  }

  /** Compare-and-swap: ConflictError unless `object` carries the resourceVersion that is stored. */
  replace<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#put(type, object, undefined);
  }

  /** Compare-and-swap of the status alone. */
  replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#put(type, object, 'status');
  }

  /** Server-side apply: the fields given become those of `fieldManager`, those it gave before and no longer gives are removed. */
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<NoInfer<T>>, options: ApplyOptions): Promise<T> {
    return this.#apply(type, object, options, undefined);
  }

  applyStatus<T extends KubeObject>(type: ResourceType<T>, object: Applied<NoInfer<T>>, options: ApplyOptions): Promise<T> {
    return this.#apply(type, object, options, 'status');
  }

  /** JSON merge patch. A `metadata.resourceVersion` in it makes it a compare-and-swap. */
  async patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: string,
    namespace: string | undefined,
    mergePatch: object,
    options: { readonly subresource?: Subresource } = {},
  ): Promise<T> {
    const path = objectPath(type, name, namespace, options.subresource);
    const contentType = 'application/merge-patch+json';
    return decodeObject(
      type,
      await this.#transport.call({ method: 'PATCH', path, resource: resourceOf(type, options.subresource), body: mergePatch, contentType }),
    );
  }

  /** False when it was not there. `uid` and `resourceVersion` are preconditions: ConflictError when they do not hold. */
  async delete(type: ResourceType, name: string, namespace?: string, options: DeleteOptions = {}): Promise<boolean> {
    const { uid, resourceVersion, propagation, gracePeriodSeconds } = options;
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: propagation, gracePeriodSeconds };
    try {
      await this.#transport.call({ method: 'DELETE', path: objectPath(type, name, namespace), resource: type.plural, body });
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** One watch from its request to its end, whatever the end is. Informer is what makes watches last. */
  watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions<T>): Promise<WatchEnd> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options;
    const path =
      collectionPath(type, namespace) +
      query({ watch: true, allowWatchBookmarks: true, labelSelector, fieldSelector, resourceVersion, timeoutSeconds });
    return readWatch(type, (signal) => this.#transport.stream(path, type.plural, signal), options);
  }

  /** Closes idle connections. */
  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  async #listPages<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions<T>,
    limit: number | undefined,
  ): Promise<ListResult<T>> {
    const { namespace, labelSelector, fieldSelector, signal, keep = (object: T) => object } = options;
    const items: T[] = [];
    let next: string | undefined;
    let resourceVersion: string;
    do {
      const path = collectionPath(type, namespace) + query({ labelSelector, fieldSelector, limit, continue: next });
      const page = await this.#transport.call({ method: 'GET', path, resource: type.plural, signal });
      const metadata = isRecord(page) ? recordIn(page, 'metadata') : undefined;
      if (!isRecord(page) || metadata === undefined) throw new TypeError(`${type.kind}: the API server's list has no metadata`);
      const pageItems: unknown = page['items'];
      for (const item of Array.isArray(pageItems) ? pageItems : []) items.push(keep(decodeObject(type, item)));
      resourceVersion = stringIn(metadata, 'resourceVersion') ?? '';
      next = stringIn(metadata, 'continue');
    } while (next !== undefined && next !== '');
    return { items, resourceVersion };
  }

  async #post<T extends KubeObject>(type: ResourceType<T>, object: T, dryRun: 'All' | undefined): Promise<T> {
    const { namespace } = object.metadata;
    if (type.namespaced && namespace === undefined) throw new TypeError(`${type.kind} ${object.metadata.name}: a namespace is needed`);
    const body = { ...object, apiVersion: type.apiVersion, kind: type.kind };
    const path = collectionPath(type, namespace) + query({ dryRun });
    return decodeObject(type, await this.#transport.call({ method: 'POST', path, resource: type.plural, body }));
  }

  async #put<T extends KubeObject>(type: ResourceType<T>, object: T, subresource: Subresource | undefined): Promise<T> {
    if (object.metadata.resourceVersion === undefined) {
      throw new TypeError(`${type.kind} ${object.metadata.name}: replacing needs the resourceVersion it was read at`);
    }
    const body = { ...object, apiVersion: type.apiVersion, kind: type.kind };
    const path = pathOf(type, object, subresource);
    return decodeObject(type, await this.#transport.call({ method: 'PUT', path, resource: resourceOf(type, subresource), body }));
  }

  async #apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: Applied<T>,
    options: ApplyOptions,
    subresource: Subresource | undefined,
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    const path = objectPath(type, name, namespace, subresource) + query({ fieldManager: options.fieldManager, force: options.force });
    const body = { ...object, apiVersion: type.apiVersion, kind: type.kind };
    const resource = resourceOf(type, subresource);
    return decodeObject(type, await this.#transport.call({ method: 'PATCH', path, resource, body, contentType: applyPatch }));
  }
}

/** As metrics name it. */
function resourceOf({ plural }: ResourceType, subresource: Subresource | undefined): string {
  return subresource === undefined ? plural : `${plural}/${subresource}`;
}
