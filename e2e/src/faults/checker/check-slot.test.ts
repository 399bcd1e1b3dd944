import { expect, test } from 'vitest';
import { checkBatches } from './check-batches.ts';
import { checkSlot } from './check-slot.ts';
import type { SlotHistory, SlotRead, SlotWrite } from './slot-history.ts';

const staleMs = 2500;
const ids = [1, 2];

/** Writes at 1,000 ms, 2,000 ms, …, each acknowledged 10 ms later; generation n is the n-th; 0 deletes, a negative one stays unknown. */
function written(...generations: readonly number[]): readonly SlotWrite[] {
  return generations.map((generation, index) => ({
    outcome: generation === 0 ? { kind: 'absent' } : { kind: 'generation', generation: Math.abs(generation) },
    invokedMs: 1000 * (index + 1),
    acknowledgedMs: generation < 0 ? undefined : 1000 * (index + 1) + 10,
    waited: true,
    session: 'x',
    through: 'node',
  }));
}

function unknownLast(...generations: readonly number[]): readonly SlotWrite[] {
  return written(...generations).map((write, index) =>
    index === generations.length - 1 ? { ...write, acknowledgedMs: undefined } : write,
  );
}

function read(level: SlotRead['level'], atMs: number, one: number, other = one, session?: string): SlotRead {
  const generations = new Map([...(one === 0 ? [] : [[1, one] as const]), ...(other === 0 ? [] : [[2, other] as const])]);
  return { level, how: 'retrieve', invokedMs: atMs, answeredMs: atMs + 5, generations, session, through: 'node' };
}

const kinds = (history: SlotHistory, calm = true): readonly string[] =>
  checkSlot(history, { staleMs, calm: () => calm }).violations.map((violation) => violation.kind);

test.for<[string, readonly SlotWrite[], readonly SlotRead[], readonly string[]]>([
  ['what was acknowledged is there', written(1, 2), [read('final', 9000, 2)], []],
  ['an acknowledged write is lost', written(1, 2), [read('final', 9000, 1, 2)], ['an acknowledged write is lost or undone']],
  ['a first write is lost', written(1), [read('final', 9000, 0, 1)], ['an acknowledged write is lost or undone']],
  ['a delete is undone', written(1, 0), [read('final', 9000, 0, 1)], ['a deleted point came back']],
  ['a value out of nowhere', written(1), [read('final', 9000, 1, 7)], ['a value that nobody wrote']],
  ['a value before it was written', written(1, 2), [read('default', 1500, 1, 2)], ['a value that nobody wrote']],
  ['an unknown write took effect', written(1, -2), [read('final', 9000, 2)], []],
  ['an unknown write did not', written(1, -2), [read('final', 9000, 1)], []],
  ['an unknown delete did not', unknownLast(1, 2, 0), [read('final', 9000, 2)], []],
  ['an unknown delete did', unknownLast(1, 2, 0), [read('final', 9000, 0)], []],
  [
    'an older value than the one before the unknown',
    written(1, 2, -3),
    [read('final', 9000, 2, 1)],
    ['an acknowledged write is lost or undone'],
  ],
  ['a linearizable read beside a write shows either', written(1, 2), [read('linearizable', 2005, 1, 2)], []],
  ['a linearizable read is stale', written(1, 2), [read('linearizable', 2100, 2, 1)], ['a linearizable read is stale']],
  [
    'linearizable reads go back over an unknown write',
    written(1, -2),
    [read('linearizable', 3000, 2), read('linearizable', 4000, 2, 1)],
    ['linearizable reads went back'],
  ],
  ['a default read within the bound', written(1, 2), [read('default', 2005, 1)], []],
  [
    'a default read does not see wait=true',
    written(1, 2),
    [read('default', 2100, 2, 1)],
    ['a default read does not see a write with wait=true'],
  ],
  ['a default read beyond the bound', written(1, 2), [read('default', 4600, 2, 1)], ['a default read is too stale']],
  ['a session sees its write', written(1, 2), [read('session', 2100, 2, 2, 'x')], []],
  ['another session need not', written(1, 2), [read('session', 2100, 1, 1, 'y')], []],
  ['a session does not see its write', written(1, 2), [read('session', 2100, 2, 1, 'x')], ['a session does not see its own write']],
  ['a session goes back', written(1, 2), [read('session', 2100, 2, 2, 'y'), read('session', 2200, 2, 1, 'y')], ['a session went back']],
])('%s', ([, writes, reads, expected]) => {
  expect(kinds({ ids, writes, reads })).toEqual(expected);
});

test('while nodes cannot hear one another a default read may be behind, within the bound', () => {
  const history = { ids, writes: written(1, 2), reads: [read('default', 2100, 1)] };
  expect(checkSlot(history, { staleMs, calm: () => false })).toMatchObject({ violations: [], staleWithinBound: 2 });
  expect(kinds({ ...history, reads: [read('default', 4600, 1)] }, false)).toEqual([
    'a default read is too stale',
    'a default read is too stale',
  ]);
});

test('a write with wait=false may come later to a default read, not to a linearizable one', () => {
  const writes = written(1, 2).map((write) => ({ ...write, waited: false }));
  expect(kinds({ ids, writes, reads: [read('default', 2100, 1)] })).toEqual([]);
  expect(kinds({ ids, writes, reads: [read('linearizable', 2100, 2, 1)] })).toEqual(['a linearizable read is stale']);
});

test('a story tells the writes around and the read', () => {
  const [violation] = checkSlot(
    { ids, writes: written(1, 2), reads: [read('final', 9000, 2, 1)] },
    { staleMs, calm: () => true },
  ).violations;
  expect(violation?.story).toEqual([
    '1.000–1.010 s generation 1, wait=true, through node: acknowledged',
    '2.000–2.010 s generation 2, wait=true, through node: acknowledged',
    '9.000–9.005 s final retrieve of 2 through node: generation 1',
  ]);
});

test('half a batch in one shard', () => {
  const history = { ids, writes: written(1, -2), reads: [] };
  expect(checkBatches(history, read('final', 9000, 2, 1), () => 'one')).toMatchObject([{ kind: 'a batch took effect in part' }]);
  expect(checkBatches(history, read('final', 9000, 2, 1), (id) => `shard ${id}`)).toEqual([]);
});
