/**
 * What one shard has come to: the one order of entries that any replica has applied, and what each key was after each of them. Two
 * replicas that apply different entries at one sequence are found here, and so is a request that took effect twice.
 */
import type { PointId } from '@vectorcluster/storage-node/model/point-id.ts';
import type { Position } from '@vectorcluster/storage-node/replication/log-shape.ts';
import { decodeOperation } from '@vectorcluster/storage-node/shard/operation-codec.ts';
import { KeyHistory } from './key-history.ts';
import { Violation } from './violation.ts';

export interface WrittenEntry {
  readonly requestId: string;
  readonly operation: Uint8Array;
}

export class ShardHistory {
  readonly shard: string;
  readonly #entries = new Map<string, WrittenEntry>();
  readonly #applied: bigint[] = [];
  readonly #requests = new Map<string, bigint>();
  readonly #keys = new Map<string, KeyHistory>();
  /** Times of the world at which a higher sequence was acknowledged. */
  readonly #acknowledged: { readonly at: number; readonly upTo: bigint }[] = [];
  highestAcknowledged: Position = { sequence: 0n, epoch: 0n };
  /** What linearizable reads that have ended were certain to show. */
  shownLinearizably = 0n;

  constructor(shard: string) {
    this.shard = shard;
  }

  /** Highest sequence that some replica has applied. */
  get applied(): bigint {
    return BigInt(this.#applied.length);
  }

  epochAt(sequence: bigint): bigint | undefined {
    return this.#applied[Number(sequence) - 1];
  }

  /** Within an epoch a sequence is one entry, whoever writes it down. */
  written({ sequence, epoch }: Position, entry: WrittenEntry): void {
    const key = `${epoch}:${sequence}`;
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, entry);
    else if (known.requestId !== entry.requestId || Buffer.compare(known.operation, entry.operation) !== 0) {
      throw new Violation(
        'I5',
        `entry ${sequence} of epoch ${epoch} is ${known.requestId} on one replica and ${entry.requestId} on another`,
      );
    }
  }

  appliedBy(replicaId: string, { sequence, epoch }: Position): void {
    const known = this.epochAt(sequence);
    if (known !== undefined) {
      if (known !== epoch)
        throw new Violation('I7', `entry ${sequence} was applied as of epoch ${known}, and of epoch ${epoch} by ${replicaId}`);
      return;
    }
    if (sequence !== this.applied + 1n)
      throw new Violation('I20', `${replicaId} applied entry ${sequence}, and nobody entry ${this.applied + 1n}`);
    const entry = this.#entries.get(`${epoch}:${sequence}`);
    if (entry === undefined) throw new Violation('I5', `${replicaId} applied entry ${sequence} of epoch ${epoch}, which nobody wrote`);
    this.#applied.push(epoch);
    const [request = ''] = entry.requestId.split('~');
    const before = this.#requests.get(request);
    if (before !== undefined)
      throw new Violation('I19', `request ${entry.requestId} took effect as entry ${before} and again as ${sequence}`);
    this.#requests.set(request, sequence);
    this.#show(sequence, entry.operation);
  }

  acknowledged(position: Position, now: number): void {
    if (position.sequence <= this.highestAcknowledged.sequence) return;
    this.highestAcknowledged = position;
    this.#acknowledged.push({ at: now, upTo: position.sequence });
  }

  /** Everything acknowledged until then. */
  acknowledgedBy(time: number): bigint {
    let low = 0;
    let high = this.#acknowledged.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#acknowledged[middle]?.at ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return this.#acknowledged[low - 1]?.upTo ?? 0n;
  }

  /** The sequences at which the key was so, as ranges with both ends; the last has none. */
  when(key: PointId, value: string | undefined): Iterable<readonly [bigint, bigint]> {
    return (this.#keys.get(String(key)) ?? new KeyHistory()).when(value);
  }

  #show(sequence: bigint, encoded: Uint8Array): void {
    const operation = decodeOperation(encoded);
    switch (operation.kind) {
      case 'upsert':
        for (const { id, payload } of operation.points) this.#put(id, sequence, payload.toString());
        return;
      case 'delete':
        for (const id of operation.ids) this.#put(id, sequence, undefined);
        return;
      case 'set-payload':
        return;
    }
  }

  #put(id: PointId, sequence: bigint, value: string | undefined): void {
    const key = String(id);
    let history = this.#keys.get(key);
    if (history === undefined) this.#keys.set(key, (history = new KeyHistory()));
    history.put(sequence, value);
  }
}
