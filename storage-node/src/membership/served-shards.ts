/** The shards this process serves as primary: what local and remote requests are answered from. */
import { UnknownShardError } from '../peer/encoding/refusal.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import { Changes } from '../topology/changes.ts';

interface Served {
  readonly shard: ServedShard;
  readonly epoch: bigint;
}

export class ServedShards {
  readonly #served = new Map<string, Served>();
  readonly #changes = new Changes();

  /** Throws UnknownShardError. */
  get(uid: string): ServedShard {
    const served = this.#served.get(uid);
    if (served === undefined) throw new UnknownShardError(uid);
    return served.shard;
  }

  epochOf(uid: string): bigint | undefined {
    return this.#served.get(uid)?.epoch;
  }

  serve(uid: string, served: Served): void {
    this.#served.set(uid, served);
    this.#changes.notify();
  }

  stop(uid: string): void {
    this.#served.delete(uid);
    this.#changes.notify();
  }

  /** Resolves when each shard is served in the epoch given or a later one. */
  async untilServed(epochs: ReadonlyMap<string, bigint>, signal: AbortSignal): Promise<void> {
    const isServed = ([uid, epoch]: readonly [string, bigint]) => (this.epochOf(uid) ?? -1n) >= epoch;
    await this.#changes.until(() => Array.from(epochs).every(isServed), signal);
  }

  all(): readonly ServedShard[] {
    return Array.from(this.#served.values(), ({ shard }) => shard);
  }
}
