/** The Kubernetes of the world: the core of the embedded API server with our CRDs and their rules. It loses nothing itself. */
import { customResourceDefinitions } from '@vectorcluster/crds/definitions.ts';
import { ApiCore } from '@vectorcluster/local-cluster/api-server/core/api-core.ts';
import { isObject, textOf, type JsonObject } from '@vectorcluster/local-cluster/api-server/core/json.ts';
import { Store, type Change } from '@vectorcluster/local-cluster/api-server/core/store/store.ts';
import type { Chance } from '../time/chance.ts';
import type { Timeline } from '../time/timeline.ts';
import type { RequestFate } from './request-fate.ts';

/** The world begins here; only the API server and operators know the time of day. */
const epochStart = Date.parse('2026-01-01T00:00:00Z');

export const namespace = 'default';

export interface ApiServerOptions {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly onChange: (change: Change) => void;
}

export class ApiServer {
  readonly timeline: Timeline;
  readonly core: ApiCore;
  /** While false nobody gets an answer, and watches are silent. */
  isUp = true;
  /** Name of the process whose request is being carried out. */
  writer = '';
  /** Told of each request as it is sent, and decides what becomes of it; undefined: what usually does. */
  ambush: ((who: string, what: string) => RequestFate | undefined) | undefined;
  readonly #outages = new Set<() => void>();

  constructor({ timeline, chance, onChange }: ApiServerOptions) {
    this.timeline = timeline;
    const store = new Store();
    store.subscribe(onChange);
    this.core = new ApiCore({ store, now: () => dateAt(timeline.now), newUid: () => uuid(chance), random: chance.next });
    const definitions = this.core.resource('apiextensions.k8s.io/v1', 'customresourcedefinitions');
    for (const definition of customResourceDefinitions()) {
      const body: unknown = structuredClone(definition);
      if (!isObject(asJson(body))) continue;
      this.core.create({ resource: definitions, namespace: undefined, name: definition.metadata.name }, objectFrom(body));
    }
    this.create('v1', 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }

  create(apiVersion: string, plural: string, body: JsonObject): JsonObject {
    const resource = this.core.resource(apiVersion, plural);
    const metadata = isObject(body['metadata']) ? body['metadata'] : {};
    return this.core.create(
      { resource, namespace: resource.namespaced ? namespace : undefined, name: textOf(metadata['name']) ?? '' },
      body,
    );
  }

  goDown(): void {
    this.isUp = false;
    for (const tell of this.#outages) tell();
    this.#outages.clear();
  }

  comeUp(): void {
    this.isUp = true;
  }

  /** Watches end when the server goes down. */
  onOutage(tell: () => void): () => void {
    this.#outages.add(tell);
    return () => void this.#outages.delete(tell);
  }
}

export function dateAt(ms: number): Date {
  return new Date(epochStart + ms);
}

/** As it goes over the wire. */
export function objectFrom(value: unknown): JsonObject {
  const json = asJson(value);
  if (!isObject(json)) throw new TypeError('not an object');
  return json;
}

function asJson(value: unknown) {
  return JSON.parse(JSON.stringify(value));
}

function uuid(chance: Chance): string {
  const hex = chance.hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
