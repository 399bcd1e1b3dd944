/** Reads and swaps the configuration of one shard in its VectorShard. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { backoffDelayMs, type Backoff } from '@vectorcluster/kube/backoff.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { ConflictError, InvalidError } from '@vectorcluster/kube/errors.ts';
import type { Log } from '@vectorcluster/kube/log.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { pause, realAfter, type After } from '../replica/after.ts';
import type { ConfigurationStore } from '../replica/ports.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { ChangeOutcome } from '../replication/events.ts';
import { configurationOf } from './configuration-of.ts';

/** Of a question that is put again, and of a swap that failed: all shards of a node may ask for as long as the API server is away. */
const backoff: Backoff = { baseDelayMs: 250, maxDelayMs: 4_000 };

export interface ShardConfigurationOptions {
  readonly client: Pick<KubeClient, 'get' | 'replaceStatus'>;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The object as the watch has brought it. */
  readonly watched: () => VectorShard | undefined;
  /** What was read or written here, which may be newer than what the watch has brought. */
  readonly onNewer: (shard: VectorShard) => void;
  readonly log: Log;
  readonly after?: After | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
}

export class ShardConfiguration implements ConfigurationStore {
  readonly #options: ShardConfigurationOptions;
  #read: VectorShard | undefined;
  /** In a row, and not because of a conflict. */
  #failedSwaps = 0;

  constructor(options: ShardConfigurationOptions) {
    this.#options = options;
  }

  async read(signal: AbortSignal): Promise<Configuration | undefined> {
    const { client, name, namespace, uid, onNewer, log, random, after = realAfter } = this.#options;
    for (let failures = 1; ; failures += 1) {
      signal.throwIfAborted();
      try {
        const found = await client.get(vectorShards, name, namespace);
        if (found?.metadata.uid !== uid) return undefined;
        this.#read = found;
        onNewer(found);
        return configurationOf(found);
      } catch (error) {
        if (failures === 1) log.warn({ shard: name, err: error }, 'shard cannot be read, and is asked for until it can');
        await pause(after, backoffDelayMs(backoff, failures, random), signal);
      }
    }
  }

  async changeInSync({ expected, inSync }: { readonly expected: string; readonly inSync: readonly string[] }): Promise<ChangeOutcome> {
    const { client, watched, onNewer, log, name, random, after = realAfter } = this.#options;
    const known = [watched(), this.#read].find((shard) => shard?.metadata.resourceVersion === expected);
    // Nobody can say what else the object holds at that version: to read it again settles what it says now.
    if (known === undefined) return { kind: 'conflict' };
    try {
      const stored = await client.replaceStatus(vectorShards, { ...known, status: { ...known.status, inSync: [...inSync] } });
      this.#read = stored;
      this.#failedSwaps = 0;
      onNewer(stored);
      log.info({ shard: name, epoch: stored.status?.epoch, inSync }, 'in-sync set changed');
      return { kind: 'done', configuration: configurationOf(stored) };
    } catch (error) {
      if (error instanceof ConflictError) return { kind: 'conflict' };
      this.#failedSwaps += 1;
      if (this.#failedSwaps === 1) log.warn({ shard: name, inSync, err: error }, 'in-sync set not changed, or nobody knows');
      // The protocol asks again at once, and what the API server refuses as invalid it will go on to refuse.
      await pause(after, backoffDelayMs(backoff, this.#failedSwaps, random));
      return { kind: error instanceof InvalidError ? 'conflict' : 'unknown' };
    }
  }
}
