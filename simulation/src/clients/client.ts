/** A client of the database that writes and reads, one request after the other, by its habits, and remembers what it was told. */
import { Session } from '@vectorcluster/storage-node/coordinator/session.ts';
import type { Consistency } from '@vectorcluster/storage-node/coordinator/consistency.ts';
import type { Coordinator } from '@vectorcluster/storage-node/coordinator/coordinator.ts';
import type { PointRecord } from '@vectorcluster/storage-node/model/point.ts';
import type { Process } from '../time/process.ts';
import type { Chance } from '../time/chance.ts';
import type { ShardHistory } from '../checks/shard-history.ts';
import type { Habits } from './habits.ts';
import { checkRead } from './read-check.ts';

/** What a client can reach. */
export interface Door {
  readonly node: string;
  readonly process: Process;
  readonly database: Coordinator;
}

export interface ClientWorld {
  readonly now: () => number;
  readonly after: (ms: number, name: string, act: () => void) => Disposable;
  readonly doors: () => readonly Door[];
  readonly shardOf: (key: bigint) => string | undefined;
  readonly history: (shard: string) => ShardHistory;
  /** Slowest clock of a node, as milliseconds of its clock in one of the world. */
  readonly slowestRate: number;
  readonly fail: (error: unknown) => void;
  /** Histories hold all that has been applied, also in this very moment. */
  readonly catchUp: () => void;
}

export interface Counts {
  written: number;
  unanswered: number;
  read: number;
  refused: number;
}

export const collection = 'things';
const vector = Float32Array.of(1, 0);

export class Client {
  readonly #name: string;
  readonly #world: ClientWorld;
  readonly #chance: Chance;
  readonly #keys: readonly bigint[];
  readonly #habits: Habits;
  /** A node. */
  readonly #home: string;
  readonly counts: Counts;
  #requests = 0;
  #session = new Session();
  /** Keys written last: a read of them shows most. */
  #lately: readonly bigint[];
  #isUnderWay = false;
  /** While false it asks nothing new. */
  isActive = true;

  constructor(options: {
    readonly name: string;
    readonly world: ClientWorld;
    readonly chance: Chance;
    readonly keys: readonly bigint[];
    readonly habits: Habits;
    readonly home: string;
    readonly counts: Counts;
  }) {
    this.#name = options.name;
    this.#world = options.world;
    this.#chance = options.chance;
    this.#keys = options.keys;
    this.#lately = options.keys.slice(0, 1);
    this.#habits = options.habits;
    this.#home = options.home;
    this.counts = options.counts;
    this.#later();
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  #later(): void {
    const ms = this.#chance.is(0.3) ? 0 : this.#chance.between(0, 2 * this.#habits.thinkMs);
    this.#world.after(ms, this.#name, () => this.#ask());
  }

  #ask(): void {
    const doors = this.#world.doors();
    if (!this.isActive || doors.length === 0) return this.#later();
    const { loyalty, patienceMs, writes } = this.#habits;
    const home = doors.find(({ node }) => node === this.#home);
    const door = home !== undefined && this.#chance.is(loyalty) ? home : this.#chance.pick(doors);
    this.#requests += 1;
    const id = `${this.#name}-${this.#requests}`;
    const deadline = new AbortController();
    const timer = this.#world.after(patienceMs, 'deadline', () => deadline.abort(new Error('deadline')));
    this.#isUnderWay = true;
    const work = this.#chance.is(writes) ? this.#write(door, id, deadline.signal) : this.#read(door, id, deadline.signal);
    // A request ends with the process that took it.
    const forget = door.process.onEnd(() => deadline.abort(new Error('the node is gone')));
    const gone = new Promise<'gone'>((resolve) => deadline.signal.addEventListener('abort', () => resolve('gone'), { once: true }));
    void this.#end(Promise.race([work, gone]), () => {
      timer[Symbol.dispose]();
      forget();
    });
  }

  async #end(work: Promise<'gone' | void>, cleanUp: () => void): Promise<void> {
    try {
      if ((await work) === 'gone') this.counts.unanswered += 1;
    } catch (error) {
      this.#world.fail(error);
    }
    cleanUp();
    this.#isUnderWay = false;
    this.#later();
  }

  async #write({ database, process }: Door, id: string, signal: AbortSignal): Promise<void> {
    const keys = this.#chance.pickSome(this.#keys, this.#chance.is(0.7) ? 1 : this.#chance.integer(2, 4));
    this.#lately = keys;
    const wait = this.#chance.is(this.#habits.waits);
    const session = this.#chance.is(this.#habits.sessions) ? this.#session : undefined;
    const context = { signal, requestId: id, wait, session };
    try {
      if (this.#chance.is(0.9)) {
        const points = keys.map((key) => ({ id: key, vectors: new Map([['', vector]]), payload: { v: id } }));
        await database.write(collection, { kind: 'upsert', points }, context);
      } else await database.write(collection, { kind: 'delete', selection: { kind: 'ids', ids: keys } }, context);
      if (process.isAlive) this.counts.written += 1;
    } catch {
      this.counts.refused += 1;
    }
  }

  async #read({ database, process }: Door, id: string, signal: AbortSignal): Promise<void> {
    const keys = this.#chance.is(0.6) ? this.#lately : this.#chance.pickSome(this.#keys, this.#chance.integer(1, 4));
    const consistency = this.#chance.pick(this.#habits.reads);
    const session = consistency.kind === 'session' ? this.#session : undefined;
    const begun = this.#world.now();
    const least = new Map(keys.map((key) => [key, this.#atLeast(consistency, key, begun)]));
    let records: readonly PointRecord[];
    try {
      records = await database.retrieve(
        collection,
        { ids: keys, withPayload: true, withVectors: false },
        { signal, requestId: id, consistency, session },
      );
    } catch {
      this.counts.refused += 1;
      return;
    }
    if (!process.isAlive || signal.aborted) return;
    this.counts.read += 1;
    this.#world.catchUp();
    const found = new Map(records.map((record) => [record.id, payloadOf(record)]));
    const byShard = Map.groupBy(keys, (key) => this.#world.shardOf(key));
    for (const [shard, own] of byShard) {
      if (shard === undefined) continue;
      const history = this.#world.history(shard);
      const shown = checkRead(history, {
        what: `${id}, a ${consistency.kind} read`,
        invariant: { linearizable: 'I14', session: 'I15', bounded: 'I16', recent: 'recent reads', eventual: 'eventual reads' }[
          consistency.kind
        ],
        seen: own.map((key) => [key, found.get(key)]),
        atLeast: least.get(own[0] ?? 0n) ?? 0n,
      });
      if (consistency.kind === 'linearizable' && shown > history.shownLinearizably) history.shownLinearizably = shown;
    }
  }

  /** What a read of that level that begins now must show of the key's shard. */
  #atLeast(consistency: Consistency, key: bigint, now: number): bigint {
    const shard = this.#world.shardOf(key);
    if (shard === undefined) return 0n;
    switch (consistency.kind) {
      case 'linearizable':
        return later(this.#world.history(shard).acknowledgedBy(now), this.#world.history(shard).shownLinearizably);
      case 'session':
        return this.#session.positionIn(shard)?.sequence ?? 0n;
      case 'bounded':
        return this.#world.history(shard).acknowledgedBy(now - consistency.staleMs / this.#world.slowestRate - 0.001);
      case 'recent':
      case 'eventual':
        return 0n;
    }
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function payloadOf({ payload, payloadJson }: PointRecord): string {
  return payloadJson === undefined ? JSON.stringify(payload) : Buffer.from(payloadJson).toString();
}
