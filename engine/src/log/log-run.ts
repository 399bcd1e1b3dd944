import assert from 'node:assert/strict';
import { describeEntry, modelAfter, type LogOperation, type ModelReplica } from './log-model.ts';
import { LogCorruptionError, type EpochRun, type Log, type LogCheck, type LogEntry } from './log.ts';
import { MemoryDisk, type CrashOptions } from './memory-disk.ts';
import { openLog, type LogOptions } from './node-log.ts';
import { seededRandom } from './seeded-random.ts';

export type LogCommand =
  | { readonly kind: 'append'; readonly replica: number; readonly count: number; readonly bytes: number }
  | { readonly kind: 'truncate'; readonly replica: number; readonly back: number }
  | { readonly kind: 'drop'; readonly replica: number }
  | { readonly kind: 'release'; readonly replica: number; readonly keep: number }
  /** Waits for everything asked for so far. */
  | { readonly kind: 'settle' };

export interface Life {
  readonly commands: readonly LogCommand[];
  readonly failsAt: number;
  /** How the process ends: in order, killed alone, or with the power and what that keeps. */
  readonly end: 'close' | 'kill' | CrashOptions['keep'];
  readonly flippedBits: number;
  /** What still fits on the disk; the write that does not fit is torn. */
  readonly roomBytes?: number;
}

const allReplicas = ['0', '1', '2', '3'].map((digit) => digit.repeat(32));

async function assertShowsNothing(log: Log, replica: string): Promise<void> {
  assert.deepEqual(log.extent(replica), { first: 1n, last: 0n });
  assert.deepEqual(log.epochRuns(replica), []);
  await assert.rejects(async () => {
    for await (const entry of log.read(replica, 1n)) assert.fail(`entry ${entry.sequence} of a damaged replica`);
  }, LogCorruptionError);
  await assert.rejects(log.append([{ replica, epoch: 1n, sequence: 1n, requestId: '', operation: Buffer.alloc(0) }]), LogCorruptionError);
}

/** Lives of one log on one disk that fails and crashes, each compared with the model. For tests. */
export class LogRun {
  readonly counts = { removed: 0, copied: 0, copiedBytes: 0 };
  readonly disk: MemoryDisk;
  readonly #options: { readonly segmentBytes: number; readonly copyForwardBytes: number; readonly checkpointBytes?: number };
  /** All calls since the beginning, in order; the first `#acknowledged` must have taken effect. */
  #operations: LogOperation[] = [];
  #acknowledged = 0;
  /** Released up to, per life of a replica (its id and when it was born). */
  readonly #released = new Map<string, bigint>();
  #failsIn = Infinity;
  #serial = 0;

  constructor({ seed, ...options }: { seed: number; segmentBytes: number; copyForwardBytes: number; checkpointBytes?: number }) {
    this.#options = options;
    this.disk = new MemoryDisk({
      random: seededRandom(seed),
      onOperation: ({ kind }) => {
        if (kind === 'read' || kind === 'list') return;
        this.#failsIn -= 1;
        if (this.#failsIn < 0) throw new Error('the disk has failed');
      },
    });
  }

  diskBytes(): number {
    return this.disk.usedBytes;
  }

  async live({ commands, failsAt, end, flippedBits, roomBytes = Infinity }: Life): Promise<void> {
    this.#failsIn = failsAt;
    this.disk.capacityBytes = this.disk.usedBytes + roomBytes;
    const log = await this.#open().catch((error: unknown) => this.#expectFailed(error));
    if (log !== undefined) {
      await this.#compare(log);
      const calls: Promise<void>[] = [];
      for (const command of commands) {
        if (command.kind === 'settle') await Promise.all(calls);
        else this.#act(log, command, calls);
      }
      await Promise.all(calls);
      if (failsAt === Infinity && roomBytes === Infinity) await this.#compare(log);
      if (end === 'close') await log[Symbol.asyncDispose]();
    }
    if (end === 'kill' || end === 'close') this.disk.kill();
    else this.disk.crash({ keep: end, flippedBits });
    this.#failsIn = Infinity;
    this.disk.capacityBytes = Infinity;
  }

  async verify(): Promise<void> {
    await using log = await this.#open();
    await this.#compare(log);
  }

  /** Opens the log, which may be damaged: each replica is exactly what the calls made it, or damaged and shows nothing. */
  async verifyDamaged(): Promise<readonly string[]> {
    await using log = await this.#open();
    const truth = modelAfter(this.#operations, this.#operations.length);
    for (const replica of allReplicas) {
      if (log.damaged.has(replica)) await assertShowsNothing(log, replica);
      else await this.#assertIs(log, replica, truth.get(replica));
    }
    return [...log.damaged.keys()];
  }

  /** A start that ends after some operations of the disk, by a crash. */
  async startInterrupted(operations: number): Promise<void> {
    this.#failsIn = operations;
    await this.#open().catch((error: unknown) => this.#expectFailed(error));
    this.#failsIn = Infinity;
    this.disk.crash({ keep: 'prefix' });
  }

  /**
   * Damage while the log is open: once every file was checked, a replica that is not barred is exactly what the calls made it. In the end the
   * process is killed.
   */
  async checkWhileOpen(damage: () => void): Promise<{ readonly damaged: readonly string[]; readonly found: number }> {
    const told = new Set<string>();
    const log = await this.#open({ onDamage: ({ replicas }) => replicas.forEach((replica) => told.add(replica)) });
    damage();
    let found = 0;
    for (const { name } of log.files) {
      for (let at: number | undefined = 0; at !== undefined;) {
        const check: LogCheck | undefined = await log.check(name, at);
        if (check?.damage !== undefined) found += 1;
        at = check?.next;
      }
    }
    assert.deepEqual([...log.damaged.keys()].toSorted(), [...told].toSorted());
    const truth = modelAfter(this.#operations, this.#operations.length);
    for (const replica of allReplicas) {
      if (log.damaged.has(replica)) await assertShowsNothing(log, replica);
      else await this.#assertIs(log, replica, truth.get(replica));
    }
    this.disk.kill();
    return { damaged: [...log.damaged.keys()], found };
  }

  /** What a node does about damage. */
  async dropAndGoOn(): Promise<void> {
    await using log = await this.#open();
    for (const replica of log.damaged.keys()) await this.#issue({ kind: 'drop', replica }, () => log.drop(replica));
    for (const replica of allReplicas) {
      const { last } = log.extent(replica);
      const entries = [this.#entry(replica, last + 1n, 10)];
      await this.#issue({ kind: 'append', entries }, () => log.append(entries));
    }
  }

  async #assertIs(log: Log, replica: string, model: ModelReplica | undefined): Promise<void> {
    const { first, last } = log.extent(replica);
    assert.equal(last, model?.last ?? 0n, `replica ${replica} is as long as it was`);
    assert.ok(first <= (this.#released.get(`${replica} ${model?.born}`) ?? 0n) + 1n, `replica ${replica} has all that was not released`);
    let expected = first;
    for await (const entry of log.read(replica, first)) {
      assert.equal(entry.sequence, expected);
      assert.equal(describeEntry(entry), model?.operations.get(expected));
      expected += 1n;
    }
    assert.equal(expected, last + 1n, 'the whole extent is read');
  }

  #open(options: Pick<LogOptions, 'onDamage'> = {}): Promise<Log> {
    return openLog({
      disk: this.disk.mount(),
      formatted: allReplicas,
      ...this.#options,
      ...options,
      salt: () => Buffer.from('saltsalt'),
      metrics: {
        batchSynced: () => {},
        segmentMade: () => {},
        segmentRemoved: () => (this.counts.removed += 1),
        entriesCopied: ({ entries, bytes }) => {
          this.counts.copied += entries;
          this.counts.copiedBytes += bytes;
        },
      },
    });
  }

  #act(log: Log, command: Exclude<LogCommand, { kind: 'settle' }>, calls: Promise<void>[]): void {
    const replica = `${command.replica}`.repeat(32);
    const model = modelAfter(this.#operations, this.#operations.length).get(replica);
    switch (command.kind) {
      case 'append': {
        const entries = Array.from({ length: command.count }, (_, index) =>
          this.#entry(replica, (model?.last ?? 0n) + BigInt(index) + 1n, command.bytes),
        );
        calls.push(this.#issue({ kind: 'append', entries }, () => log.append(entries)));
        return;
      }
      case 'truncate': {
        if (model === undefined) return;
        const lowest = (this.#released.get(`${replica} ${model.born}`) ?? 0n) + 1n;
        const { first } = log.extent(replica);
        const wanted = model.last + 1n - BigInt(command.back);
        const sequence = [wanted, lowest, first].reduce((a, b) => (a > b ? a : b));
        calls.push(this.#issue({ kind: 'truncate', replica, sequence }, () => log.truncateFrom(replica, sequence)));
        return;
      }
      case 'drop':
        calls.push(this.#issue({ kind: 'drop', replica }, () => log.drop(replica)));
        return;
      case 'release':
        this.#release(log, replica, command.keep);
    }
  }

  #release(log: Log, replica: string, keep: number): void {
    const settled = modelAfter(this.#operations, this.#acknowledged).get(replica);
    const latest = modelAfter(this.#operations, this.#operations.length).get(replica);
    if (settled === undefined || latest?.born !== settled.born) return;
    const upTo = [settled.last, latest.last, log.extent(replica).last].reduce((a, b) => (a < b ? a : b)) - BigInt(keep);
    if (upTo < 1n) return;
    const key = `${replica} ${settled.born}`;
    if (upTo > (this.#released.get(key) ?? 0n)) this.#released.set(key, upTo);
    log.releaseUpTo(replica, upTo);
  }

  async #issue(operation: LogOperation, act: () => Promise<void>): Promise<void> {
    this.#operations.push(operation);
    const count = this.#operations.length;
    try {
      await act();
      this.#acknowledged = Math.max(this.#acknowledged, count);
    } catch (error) {
      this.#expectFailed(error);
    }
  }

  #expectFailed(error: unknown): undefined {
    if (this.#failsIn >= 0 && this.disk.capacityBytes === Infinity) throw error;
  }

  #entry(replica: string, sequence: bigint, bytes: number): LogEntry {
    this.#serial += 1;
    const operation = Buffer.alloc(bytes, this.#serial.toString(36).padStart(8, '0'));
    return { replica, epoch: BigInt(this.#serial >> 2), sequence, requestId: `request ${this.#serial}`, operation };
  }

  /** Finds the prefix of calls that the log shows, and takes it as the truth from here on. */
  async #compare(log: Log): Promise<void> {
    const held = new Map<string, { first: bigint; last: bigint; operations: Map<bigint, string> }>();
    for (const replica of log.replicas) {
      const { first, last } = log.extent(replica);
      const operations = new Map<bigint, string>();
      let expected = first;
      const runs: EpochRun[] = [];
      for await (const entry of log.read(replica, first)) {
        assert.equal(entry.sequence, expected, 'sequences are contiguous');
        expected += 1n;
        operations.set(entry.sequence, describeEntry(entry));
        if (runs.at(-1)?.epoch !== entry.epoch) runs.push({ epoch: entry.epoch, first: entry.sequence });
      }
      assert.deepEqual(log.epochRuns(replica), runs, 'the epochs are those of the entries');
      assert.equal(expected, last + 1n, 'the whole extent is read');
      held.set(replica, { first, last, operations });
    }
    for (let count = this.#operations.length; count >= this.#acknowledged; count -= 1) {
      const model = modelAfter(this.#operations, count);
      const agrees =
        model.size === held.size &&
        [...model].every(([replica, { born, last, operations }]) => {
          const found = held.get(replica);
          if (found === undefined || found.last !== last || found.first > (this.#released.get(`${replica} ${born}`) ?? 0n) + 1n)
            return false;
          return [...found.operations].every(([sequence, content]) => operations.get(sequence) === content);
        });
      if (!agrees) continue;
      this.#operations = this.#operations.slice(0, count);
      this.#acknowledged = count;
      return;
    }
    const shown = [...held].map(([replica, { first, last }]) => `${replica.slice(0, 1)}: ${first}-${last}`).join(', ');
    assert.fail(
      `the log shows ${shown || 'nothing'}, which no prefix of ${this.#acknowledged} to ${this.#operations.length} calls explains`,
    );
  }
}
