/** How far a client has seen each shard: its later reads show at least that, whichever copy answers, across failovers too. */
import { hash } from 'node:crypto';
import type { Position } from '../replication/log-shape.ts';

/** Keeps a token below 8 KiB of header, which clients of both protocols take. Of more shards those met longest ago are forgotten. */
export const sessionShardsMost = 256;

export class Session {
  /** By shard key; those met last are last. */
  readonly #positions: Map<bigint, Position>;

  constructor(positions: Iterable<readonly [bigint, Position]> = []) {
    this.#positions = new Map(positions);
  }

  /** By shard key, those met last last. */
  get positions(): ReadonlyMap<bigint, Position> {
    return this.#positions;
  }

  /** `shard` is its UID. */
  positionIn(shard: string): Position | undefined {
    return this.#positions.get(shardKey(shard));
  }

  /** Positions of one history grow in both parts; of two histories the one of the higher epoch is in force. */
  saw(shard: string, position: Position): void {
    if (position.sequence === 0n) return;
    const key = shardKey(shard);
    const known = this.#positions.get(key);
    this.#positions.delete(key);
    this.#positions.set(key, known !== undefined && isBehind(position, known) ? known : position);
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > sessionShardsMost && oldest !== undefined) this.#positions.delete(oldest);
  }
}

/** The first 64 bits of a digest of the UID: short, and as good as unique among the shards of one client. */
export function shardKey(uid: string): bigint {
  return hash('sha256', uid, 'buffer').readBigUInt64BE(0);
}

function isBehind(a: Position, b: Position): boolean {
  return a.epoch === b.epoch ? a.sequence < b.sequence : a.epoch < b.epoch;
}
