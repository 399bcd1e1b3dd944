/** A client of the API server in one process: requests take time, are lost, or arrive long after the client has given up; so do answers. */
import {
  KubeClient,
  type Applied,
  type ApplyOptions,
  type DeleteOptions,
  type ListOptions,
  type ListResult,
} from '@vectorcluster/kube/client.ts';
import { connectionFromKubeconfig } from '@vectorcluster/kube/connection.ts';
import { decodeObject } from '@vectorcluster/kube/decode.ts';
import { apiErrorFrom, NotFoundError, unavailable } from '@vectorcluster/kube/errors.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import type { WatchEnd, WatchOptions } from '@vectorcluster/kube/watch.ts';
import { ApiError } from '@vectorcluster/local-cluster/api-server/core/api-error.ts';
import type { Watch } from '@vectorcluster/local-cluster/api-server/core/requests/watch.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import type { Mutation } from '../mutation.ts';
import { Stream, type Path } from '../network/path.ts';
import { objectFrom, type ApiServer } from './api-server.ts';

const nowhere = connectionFromKubeconfig(
  `{ apiVersion: v1, kind: Config, current-context: none, contexts: [{ name: none, context: { cluster: none, user: none } }],
     clusters: [{ name: none, cluster: { server: 'http://127.0.0.1:1' } }], users: [{ name: none, user: {} }] }`,
  '/',
);

/** What may go wrong between clients and the API server; changed by faults. */
export interface ApiTroubles {
  /** Share of requests that never arrive. */
  lostRequests: number;
  /** Share of answers that never arrive, though the change was made. */
  lostReplies: number;
  /** Share of requests that arrive long after the client gave up. */
  lateRequests: number;
  /** Milliseconds that watch events come too late. */
  staleMs: number;
}

export interface SimulatedClientOptions {
  readonly api: ApiServer;
  readonly process: Process;
  readonly worldNow: () => number;
  readonly chance: Chance;
  readonly troubles: ApiTroubles;
  readonly mutation?: Mutation;
  readonly there: Path;
  readonly back: Path;
}

/** A client waits no longer than this. */
const timeoutMs = 3_000;

export class SimulatedClient extends KubeClient {
  readonly #options: SimulatedClientOptions;

  constructor(options: SimulatedClientOptions) {
    super(nowhere);
    this.#options = options;
  }

  override async get<T extends KubeObject>(type: ResourceType<T>, name: string, namespace?: string): Promise<T | undefined> {
    try {
      return await this.#call(`get ${type.kind}`, () => decodeObject(type, this.#core.get(this.#target(type, name, namespace))));
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  override async list<T extends KubeObject>(
    type: ResourceType<T>,
    { namespace, labelSelector, fieldSelector, keep = (object) => object }: ListOptions<T> = {},
  ): Promise<ListResult<T>> {
    return await this.#call(`list ${type.plural}`, () => {
      const { items, resourceVersion } = this.#core.list(this.#resource(type), { namespace, labelSelector, fieldSelector });
      return { items: items.map((item) => keep(decodeObject(type, item))), resourceVersion };
    });
  }

  override create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    const body = objectFrom({ ...object, apiVersion: type.apiVersion, kind: type.kind });
    return this.#call(`create ${type.kind}`, () => decodeObject(type, this.#core.create(this.#targetOf(type, object), body)));
  }

  override replace<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#put(type, object, undefined);
  }

  override replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    const { blindOperator = false } = this.#options.mutation ?? {};
    return this.#put(type, blindOperator ? withoutVersion(object) : object, 'status');
  }

  override apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<NoInfer<T>>, options: ApplyOptions): Promise<T> {
    return this.#applied(type, object, options, undefined);
  }

  override applyStatus<T extends KubeObject>(type: ResourceType<T>, object: Applied<NoInfer<T>>, options: ApplyOptions): Promise<T> {
    return this.#applied(type, object, options, 'status');
  }

  override patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: string,
    namespace: string | undefined,
    mergePatch: object,
    { subresource }: { readonly subresource?: 'status' | 'scale' } = {},
  ): Promise<T> {
    const body = objectFrom(mergePatch);
    const part = subresource === 'status' ? 'status' : undefined;
    return this.#call(`patch ${type.kind}`, () =>
      decodeObject(type, this.#core.patch(this.#target(type, name, namespace), 'merge', body, {}, part)),
    );
  }

  override async delete(
    type: ResourceType,
    name: string,
    namespace?: string,
    { uid, resourceVersion }: DeleteOptions = {},
  ): Promise<boolean> {
    try {
      await this.#call(`delete ${type.kind}`, () => this.#core.delete(this.#target(type, name, namespace), { uid, resourceVersion }));
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  override watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions<T>): Promise<WatchEnd> {
    const { api, process, worldNow, back, troubles } = this.#options;
    const { promise, resolve } = Promise.withResolvers<WatchEnd>();
    const stream = new Stream();
    let watch: Watch | undefined;
    const end = (how: WatchEnd): void => {
      watch?.stop();
      forgetOutage();
      resolve(how);
    };
    const forgetOutage = api.onOutage(() =>
      process.happens(50, 'watch broken', () => end({ kind: 'failed', error: unavailable('watch', 'outage') })),
    );
    process.onEnd(() => watch?.stop());
    options.signal.addEventListener('abort', () => end({ kind: 'aborted' }), { once: true });
    process.happens(this.#options.there.draw(), `watch ${type.plural}`, () => {
      if (options.signal.aborted) return;
      if (!api.isUp || this.#options.there.isCut) return end({ kind: 'failed', error: unavailable('watch', 'outage') });
      try {
        watch = this.#core.watch(this.#resource(type), {
          ...options,
          onEvent: (event) => {
            if (event.kind === 'BOOKMARK') return;
            const kinds = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;
            const object = decodeObject<T>(type, event.object);
            const resourceVersion = object.metadata.resourceVersion ?? '';
            stream.lastAt = Math.max(stream.lastAt, worldNow() + troubles.staleMs);
            back.deliver(
              process,
              `event ${type.kind} ${resourceVersion}`,
              () => {
                if (!options.signal.aborted) options.onEvent({ kind: kinds[event.kind], object, resourceVersion });
              },
              stream,
              worldNow(),
            );
          },
        });
      } catch (error) {
        end(error instanceof ApiError && error.code === 410 ? { kind: 'gone' } : { kind: 'failed', error: unavailable('watch', error) });
      }
    });
    return promise;
  }

  get #core() {
    return this.#options.api.core;
  }

  #put<T extends KubeObject>(type: ResourceType<T>, object: T, subresource: 'status' | undefined): Promise<T> {
    const body = objectFrom({ ...object, apiVersion: type.apiVersion, kind: type.kind });
    return this.#call(`put ${type.kind}`, () => {
      const target = this.#targetOf(type, object);
      if (object.metadata.resourceVersion === undefined) {
        body['metadata'] = { ...objectFrom(body['metadata']), resourceVersion: this.#core.get(target).metadata.resourceVersion };
      }
      return decodeObject<T>(type, this.#core.update(target, body, {}, subresource));
    });
  }

  #applied<T extends KubeObject>(
    type: ResourceType<T>,
    object: Applied<NoInfer<T>>,
    options: ApplyOptions,
    subresource: 'status' | undefined,
  ): Promise<T> {
    const body = objectFrom({ ...object, apiVersion: type.apiVersion, kind: type.kind });
    const { name, namespace } = object.metadata;
    return this.#call(`apply ${type.kind}`, () =>
      decodeObject<T>(type, this.#core.apply(this.#target(type, name, namespace), body, options, subresource).object),
    );
  }

  #resource(type: ResourceType) {
    return this.#core.resource(type.apiVersion, type.plural);
  }

  #target(type: ResourceType, name: string, namespace: string | undefined) {
    return { resource: this.#resource(type), namespace: type.namespaced ? namespace : undefined, name };
  }

  #targetOf(type: ResourceType, { metadata }: KubeObject) {
    return this.#target(type, metadata.name, metadata.namespace);
  }

  async #call<Result>(name: string, act: () => Result): Promise<Result> {
    const { api, process, chance, troubles, there, back } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const fate = api.ambush?.(process.name, name);
    const isLost = fate === 'lost' || chance.is(troubles.lostRequests);
    const isLate = fate === 'late' || chance.is(troubles.lateRequests);
    const isUnanswered = fate === 'not answered' || chance.is(troubles.lostReplies);
    using _timer = process.after(timeoutMs, () => reject(unavailable(name, 'no answer came')));
    const arrive = (): void => {
      if (isLost || !api.isUp || there.isCut) return;
      let answer: () => void;
      api.writer = process.name;
      try {
        const result = act();
        answer = () => resolve(result);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { code, reason, message } = error;
        answer = () => reject(apiErrorFrom(code, { code, reason, message }));
      }
      if (!isUnanswered && !back.isCut) process.happens(back.draw(), `answer to ${name}`, answer);
    };
    // A request that was sent is carried out, whatever becomes of the process that sent it.
    this.#options.api.timeline.after(there.draw() + (isLate ? chance.between(timeoutMs, 4 * timeoutMs) : 0), name, arrive);
    return await promise;
  }
}

function withoutVersion<T extends KubeObject>(object: T): T {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
