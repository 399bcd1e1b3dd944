import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { asReported, overTheWire, ReportReader } from '../../test/report-reader.ts';
import { ReportingNode } from '../../test/reporting-node.ts';
import type { ReportMessage } from './encode-report.ts';
import { heartbeatMs, ReportStream } from './report-stream.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nextTurn = () => vi.advanceTimersByTime(0);

/** A reader that takes each report when the test says so. */
class Connection {
  readonly reader = new ReportReader();
  readonly stream: ReportStream;
  #underWay: { readonly report: ReportMessage; readonly taken: () => void } | undefined;

  constructor(source: ReportingNode, keepAliveMs = 0) {
    this.stream = new ReportStream({
      source,
      keepAliveMs,
      write: (report, taken) => {
        if (this.#underWay !== undefined) throw new Error('two reports are under way');
        this.#underWay = { report, taken };
      },
    });
  }

  take(): boolean {
    const underWay = this.#underWay;
    this.#underWay = undefined;
    if (underWay === undefined) return false;
    this.reader.read(overTheWire(underWay.report));
    underWay.taken();
    return true;
  }

  takeAll(): readonly string[][] {
    const before = this.reader.reports.length;
    while (this.take());
    return this.reader.reports.slice(before).map(({ replicas }) => replicas.map(({ replicaId }) => replicaId));
  }
}

/** How many reports came with each of the heartbeats. */
const beats = (connection: Connection, count: number) =>
  Array.from({ length: count }, () => {
    vi.advanceTimersByTime(heartbeatMs);
    return connection.takeAll().length;
  });

function connected(...replicaIds: string[]) {
  const node = new ReportingNode();
  for (const id of replicaIds) node.set(id);
  const connection = new Connection(node);
  const first = connection.takeAll();
  return { node, connection, first };
}

describe('reports', () => {
  test('begin with everything', () => {
    const { connection, first } = connected('a', 'b');
    expect(first).toEqual([['a', 'b']]);
    expect(connection.reader.reports[0]).toMatchObject({ number: 1n, node: 'shop-data-0', podUid: 'pod-uid-0' });
  });

  test('tell in the same turn what matters, together with all else that changed', () => {
    const { node, connection } = connected('a', 'b', 'c');
    node.set('a', { applied: 7n });
    node.set('b', { role: 'leading', epoch: 2n });
    node.set('b', { serves: false });
    expect(connection.takeAll()).toEqual([]);
    nextTurn();
    expect(connection.takeAll()).toEqual([['a', 'b']]);
    expect(connection.reader.replicas.get('b')).toMatchObject({ epoch: 2n, serves: false });
  });

  test('tell positions with the next heartbeat', () => {
    const { node, connection } = connected('a', 'b');
    node.set('a', { committed: 1n });
    node.set('a', { committed: 2n });
    vi.advanceTimersByTime(heartbeatMs - 1);
    expect(connection.takeAll()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(connection.takeAll()).toEqual([['a']]);
  });

  test('tell at once that a peer came or left, with its ages', () => {
    const { node, connection } = connected('a');
    node.setPeer('shop-data-1', { connected: false, silentMs: 12.7, closedForMs: 0.2 });
    nextTurn();
    expect(connection.takeAll()).toEqual([[]]);
    expect(connection.reader.reports.at(-1)?.peers).toMatchObject([
      { node: 'shop-data-1', connected: false, silentMs: 12n, closedForMs: 0n },
    ]);
  });

  describe('to a reader that is content with one in 2 s', () => {
    const well = { connected: true, silentMs: 999, closedForMs: undefined };
    function calm() {
      const node = new ReportingNode();
      node.set('a');
      node.setPeer('shop-data-1', well);
      const connection = new Connection(node, 2000);
      connection.takeAll();
      return { node, connection };
    }

    test('come as seldom while nothing is new', () => {
      expect(beats(calm().connection, 9)).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    });

    test('come with the next heartbeat when a position is new', () => {
      const { node, connection } = calm();
      beats(connection, 2);
      node.set('a', { applied: 1n });
      expect(beats(connection, 5)).toEqual([1, 0, 0, 0, 1]);
    });

    test('come with each heartbeat while a peer is silent, and tell that it is not any more', () => {
      const { node, connection } = calm();
      node.growsSilent('shop-data-1', 1000);
      expect(beats(connection, 3)).toEqual([1, 1, 1]);
      node.growsSilent('shop-data-1', 10);
      expect(beats(connection, 5)).toEqual([1, 0, 0, 0, 1]);
    });

    test('come with each heartbeat while a peer is away', () => {
      const { node, connection } = calm();
      node.setPeer('shop-data-1', { connected: false, silentMs: 20, closedForMs: 0 });
      nextTurn();
      connection.takeAll();
      expect(beats(connection, 3)).toEqual([1, 1, 1]);
    });
  });

  test('cost nothing per replica while nothing changes', () => {
    const { node, connection } = connected(...Array.from({ length: 1000 }, (_, i) => `r${i}`));
    const before = node.looks;
    for (let beat = 0; beat < 10; beat += 1) {
      vi.advanceTimersByTime(heartbeatMs);
      connection.takeAll();
    }
    expect(connection.reader.reports).toHaveLength(11);
    expect(node.looks - before).toBe(0);
  });

  test('look once a turn at what changed in it, and once more when they are made', () => {
    const { node, connection } = connected('a', 'b');
    const before = node.looks;
    for (const id of ['a', 'a', 'b']) {
      node.set(id, { applied: 1n });
      node.set(id, { applied: 2n });
      nextTurn();
    }
    expect(node.looks - before).toBe(3);
    vi.advanceTimersByTime(heartbeatMs);
    expect(connection.takeAll()).toEqual([['a', 'b']]);
    expect(node.looks - before).toBe(5);
  });

  test('to a reader that is slow are one on its way and then the newest state, however much happened', () => {
    const { node, connection } = connected('a', 'b');
    node.set('a', { role: 'leading' });
    nextTurn();
    for (let epoch = 2n; epoch < 100n; epoch += 1n) {
      node.set('a', { epoch });
      node.set('b', { epoch, applied: epoch });
      vi.advanceTimersByTime(100);
    }
    expect(connection.takeAll()).toEqual([['a'], ['a', 'b']]);
    expect(connection.reader.replicas.get('b')).toMatchObject({ epoch: 99n, applied: 99n });
  });

  test('end with the stream', () => {
    const { node, connection } = connected('a');
    connection.stream[Symbol.dispose]();
    node.set('a', { role: 'leading' });
    vi.advanceTimersByTime(10 * heartbeatMs);
    expect(connection.take()).toBe(false);
    expect([vi.getTimerCount(), node.listeners]).toEqual([0, 0]);
  });
});

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const number = fc.bigInt({ min: 0n, max: 3n });
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('set' as const), id: ids, change: fc.record({ epoch: number, applied: number }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), id: ids }) },
  fc.constant({ kind: 'peer' as const }),
  { weight: 4, arbitrary: fc.constant({ kind: 'take' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, heartbeatMs) }) },
  fc.constant({ kind: 'reconnect' as const }),
);

test('law: all reports in their order make exactly the facts of the node, whatever happened and across reconnects', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const node = new ReportingNode();
      let connection = new Connection(node, 2000);
      for (const each of events) {
        if (each.kind === 'set') node.set(each.id, each.change);
        else if (each.kind === 'drop') node.drop(each.id);
        else if (each.kind === 'peer') node.setPeer('shop-data-1', { connected: true, silentMs: 0, closedForMs: undefined });
        else if (each.kind === 'take') connection.take();
        else if (each.kind === 'pass') vi.advanceTimersByTime(each.ms);
        else {
          connection.stream[Symbol.dispose]();
          connection = new Connection(node, 2000);
        }
      }
      vi.advanceTimersByTime(heartbeatMs);
      connection.takeAll();
      const told = [...connection.reader.replicas.values()].toSorted((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
      const held = [...node.replicas()].toSorted((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
      expect(told).toEqual(held.map(asReported));
      connection.stream[Symbol.dispose]();
    }),
    { numRuns: 500 },
  );
});
