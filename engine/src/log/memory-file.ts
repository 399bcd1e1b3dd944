import { UnreadableError } from './disk.ts';
import type { CrashOptions } from './memory-disk.ts';

const sectorBytes = 512;

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number };

/** A file as programs see it, what of it is durable, and the changes in between. */
export class MemoryFile {
  #seen: Buffer = Buffer.alloc(0);
  #durable: Buffer = Buffer.alloc(0);
  #unsynced: Change[] = [];
  /** Changes that a failed sync gave up: still seen, and no later sync makes them durable. */
  #abandoned = 0;
  #unreadable: readonly { readonly from: number; readonly to: number }[] = [];

  get size(): number {
    return this.#seen.length;
  }

  append(bytes: Buffer): void {
    const write: Change = { kind: 'write', offset: this.#seen.length, bytes };
    this.#seen = applied(this.#seen, write);
    this.#unsynced.push(write);
  }

  read(offset: number, length: number): Buffer {
    if (offset + length > this.#seen.length) throw new UnreadableError(`the file ends at byte ${this.#seen.length}`);
    const bad = this.#unreadable.find(({ from, to }) => from < offset + length && to > offset);
    if (bad !== undefined) throw new UnreadableError(`bytes ${bad.from} to ${bad.to} cannot be read`);
    return Buffer.from(this.#seen.subarray(offset, offset + length));
  }

  truncate(size: number): void {
    const truncation: Change = { kind: 'truncate', size };
    this.#seen = applied(this.#seen, truncation);
    this.#unsynced.push(truncation);
  }

  sync(): void {
    const fresh = this.#unsynced.slice(this.#abandoned);
    for (const change of fresh) this.#durable = applied(this.#durable, change);
    const replaced = fresh.some((change) => change.kind === 'truncate' && change.size === 0);
    this.#unsynced = replaced ? [] : this.#unsynced.slice(0, this.#abandoned);
    this.#abandoned = this.#unsynced.length;
  }

  failSync(): void {
    this.#abandoned = this.#unsynced.length;
  }

  flip(offset: number, bit: number): void {
    for (const content of [this.#seen, this.#durable]) {
      if (offset < content.length) content.writeUInt8(content.readUInt8(offset) ^ (1 << bit), offset);
    }
  }

  makeUnreadable(from: number, to: number): void {
    this.#unreadable = [...this.#unreadable, { from, to }];
  }

  crash({ keep, flippedBits = 0 }: CrashOptions, random: () => number): void {
    const survivors = this.#survivors(keep, random);
    for (const change of survivors) this.#durable = applied(this.#durable, change);
    const written = survivors.filter((change) => change.kind === 'write' && change.bytes.length > 0);
    for (let flip = 0; flip < flippedBits; flip += 1) {
      const change = written[Math.floor(random() * written.length)];
      if (change?.kind !== 'write') break;
      const offset = change.offset + Math.floor(random() * change.bytes.length);
      if (offset < this.#durable.length)
        this.#durable.writeUInt8(this.#durable.readUInt8(offset) ^ (1 << Math.floor(random() * 8)), offset);
    }
    this.#seen = Buffer.from(this.#durable);
    this.#unsynced = [];
    this.#abandoned = 0;
  }

  #survivors(keep: CrashOptions['keep'], random: () => number): Change[] {
    const changes = this.#unsynced;
    switch (keep) {
      case 'none':
        return [];
      case 'all':
        return changes;
      case 'prefix': {
        const whole = changes.slice(0, Math.floor(random() * (changes.length + 1)));
        const torn = changes[whole.length];
        if (torn?.kind !== 'write') return whole;
        return [...whole, { ...torn, bytes: torn.bytes.subarray(0, Math.floor(random() * torn.bytes.length)) }];
      }
      case 'subset':
        return changes.flatMap((change) => (change.kind === 'write' ? sectors(change) : [change])).filter(() => random() < 0.5);
    }
  }
}

/** Parts of a write that reach the disk or not, each for itself. */
function sectors(write: Extract<Change, { kind: 'write' }>): Change[] {
  const parts: Change[] = [];
  for (let at = 0; at < write.bytes.length;) {
    const end = Math.min(write.bytes.length, at + sectorBytes - ((write.offset + at) % sectorBytes));
    parts.push({ kind: 'write', offset: write.offset + at, bytes: write.bytes.subarray(at, end) });
    at = end;
  }
  return parts;
}

function applied(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') return Buffer.from(content.subarray(0, change.size));
  const next = Buffer.alloc(Math.max(content.length, change.offset + change.bytes.length));
  next.set(content);
  next.set(change.bytes, change.offset);
  return next;
}
