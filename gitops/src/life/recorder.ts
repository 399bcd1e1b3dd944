/** Follows a cluster by watches and writes down every version of every object. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import type { ResourceType } from '@vectorcluster/kube/object.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters, vectorCollections, vectorPools, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterVersion, nothing, type LifeRecord, type OwnObject, type Snapshot, type Stage, type Version } from './record.ts';

/** With nothing written for so long, nothing more comes by itself. */
const quietMs = 1500;

const giveUpMs = 180_000;

export class Recorder implements AsyncDisposable {
  readonly #versions: Version[] = [];
  readonly #stages: Stage[] = [];
  readonly #following = new AsyncDisposableStack();
  readonly #stopping = new AbortController();
  #now: Snapshot = nothing;
  #heard = Promise.withResolvers<void>();

  async start(client: KubeClient, namespace: string): Promise<void> {
    const own = <T extends OwnObject>(type: ResourceType<T>) => {
      const informer = new Informer(client, type, { namespace });
      informer.onChange(({ kind, object }) => this.#add({ ...versionOf(object, kind === 'deleted'), kind: 'own', object }));
      return informer;
    };
    const ofPods = new Informer(client, pods, { namespace });
    ofPods.onChange(({ kind, object }) => this.#add({ ...versionOf(object, kind === 'deleted'), kind: 'pod', object }));
    for (const informer of [own(vectorClusters), own(vectorPools), own(vectorCollections), own(vectorShards), ofPods]) {
      this.#following.use(informer);
      informer.start(this.#stopping.signal);
      await informer.synced();
    }
  }

  beginStage(name: string): void {
    this.#stages.push({ name, after: this.#versions.reduce((last, { at }) => Math.max(last, at), 0) });
  }

  /** Until it holds and nothing has been written for a while. */
  async until(what: string, holds: (now: Snapshot) => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(giveUpMs);
    for (;;) {
      if (deadline.aborted) throw new Error(`${what} does not come true: ${describe(this.#now)}`);
      const { promise } = (this.#heard = Promise.withResolvers<void>());
      const isQuiet = await Promise.race([promise.then(() => false), sleep(quietMs, true)]);
      if (isQuiet && holds(this.#now)) return;
    }
  }

  get record(): LifeRecord {
    return { versions: this.#versions.toSorted((a, b) => a.at - b.at), stages: this.#stages };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#following.disposeAsync();
  }

  #add(version: Version): void {
    this.#versions.push(version);
    this.#now = afterVersion(this.#now, version);
    this.#heard.resolve();
  }
}

function versionOf({ metadata }: { readonly metadata: { readonly resourceVersion?: string | undefined } }, isDeleted: boolean) {
  return { at: Number(metadata.resourceVersion), isDeleted };
}

function describe({ own }: Snapshot): string {
  return JSON.stringify([...own.values()].map(({ kind, metadata, status }) => [kind, metadata.name, status?.conditions]));
}
