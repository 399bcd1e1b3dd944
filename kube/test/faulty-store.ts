/** A versioned store with lists and watches like the API server's, without I/O, that fails when and how a test says. */
import type { KubeClient, ListOptions } from '../src/client.ts';
import { decodeObject } from '../src/decode.ts';
import { GoneError, unavailable } from '../src/errors.ts';
import type { KubeObject, ResourceType } from '../src/object.ts';
import type { WatchEnd, WatchOptions } from '../src/watch.ts';
import { configMap } from './scripted-api-server.ts';

export type Fault = 'list-fails' | 'list-gone' | 'watch-fails' | 'watch-ends' | 'watch-silent' | 'compacted' | 'watch-cut-after-one';

interface Entry {
  readonly version: number;
  readonly kind: 'added' | 'modified' | 'deleted';
  readonly object: ReturnType<typeof configMap>;
}

interface Watcher {
  readonly deliver: () => void;
  readonly cut: () => void;
}

export class FaultyStore {
  readonly objects = new Map<string, ReturnType<typeof configMap>>();
  readonly #history: Entry[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #faults: Fault[] = [];
  #version = 1;
  #compacted = 0;
  #made = 0;

  get version(): string {
    return String(this.#version);
  }

  /** Cuts every watch; what is asked next that can meet this fault meets it. */
  inject(fault: Fault): void {
    this.#faults.push(fault);
    for (const watcher of this.#watchers) watcher.cut();
  }

  write(name: string): void {
    const known = this.objects.get(name);
    this.#version += 1;
    if (known === undefined) this.#made += 1;
    const object = configMap(name, this.version, {}, known?.metadata.uid ?? `uid-${this.#made}`);
    this.objects.set(name, object);
    this.#record({ version: this.#version, kind: known === undefined ? 'added' : 'modified', object });
  }

  remove(name: string): void {
    const known = this.objects.get(name);
    if (known === undefined) return;
    this.#version += 1;
    this.objects.delete(name);
    const object = { ...known, metadata: { ...known.metadata, resourceVersion: this.version } };
    this.#record({ version: this.#version, kind: 'deleted', object });
  }

  readonly client: Pick<KubeClient, 'list' | 'watch'> = {
    list: async <T extends KubeObject>(type: ResourceType<T>, { keep = (object) => object }: ListOptions<T>) => {
      const fault = this.#draw('list-fails', 'list-gone');
      if (fault === 'list-fails') throw unavailable('list', new Error('scripted'));
      if (fault === 'list-gone') throw new GoneError({ status: 410, reason: 'Expired', message: 'scripted' });
      return { items: [...this.objects.values()].map((object) => keep(decodeObject(type, object))), resourceVersion: this.version };
    },
    watch: <T extends KubeObject>(type: ResourceType<T>, options: WatchOptions<T>) => this.#watch(type, options),
  };

  #watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions<T>): Promise<WatchEnd> {
    const { promise, resolve } = Promise.withResolvers<WatchEnd>();
    const fault = this.#draw('watch-fails', 'watch-ends', 'watch-silent', 'compacted', 'watch-cut-after-one');
    if (fault === 'compacted') this.#compacted = this.#version;
    if (fault === 'watch-fails') return Promise.resolve(failed);
    if (fault === 'watch-ends') return Promise.resolve({ kind: 'ended' });
    if (fault === 'watch-silent') return Promise.resolve({ kind: 'silent' });
    let position = Number(options.resourceVersion);
    if (position < this.#compacted) return Promise.resolve({ kind: 'gone' });
    const watcher = {
      deliver: () => {
        for (const entry of this.#history) {
          if (entry.version <= position) continue;
          position = entry.version;
          options.onEvent({ kind: entry.kind, object: decodeObject(type, entry.object), resourceVersion: String(entry.version) });
          if (fault !== 'watch-cut-after-one') continue;
          watcher.cut();
          return;
        }
      },
      cut: () => {
        this.#watchers.delete(watcher);
        resolve(failed);
      },
    };
    this.#watchers.add(watcher);
    options.signal.addEventListener('abort', () => {
      this.#watchers.delete(watcher);
      resolve({ kind: 'aborted' });
    });
    watcher.deliver();
    return promise;
  }

  /** The next fault, if it is one that can happen here. */
  #draw(...possible: readonly Fault[]): Fault | undefined {
    const [next] = this.#faults;
    if (next === undefined || !possible.includes(next)) return undefined;
    return this.#faults.shift();
  }

  #record(entry: Entry): void {
    this.#history.push(entry);
    for (const watcher of this.#watchers) watcher.deliver();
  }
}

const failed: WatchEnd = { kind: 'failed', error: unavailable('watch', new Error('scripted')) };
