import { expect, test } from 'vitest';
import type { AdmittedOperation } from './admission.ts';
import { WaitingWrites } from './waiting-writes.ts';

const filter = { must: [], mustNot: [], should: [] };
const operations: Readonly<Record<string, AdmittedOperation>> = {
  upsert: { kind: 'upsert', points: [] },
  'delete by filter': { kind: 'delete', selection: { kind: 'filter', filter } },
  'paint by filter': { kind: 'set-payload', selection: { kind: 'filter', filter }, payload: Buffer.from('{}') },
  'delete by ids': { kind: 'delete', selection: { kind: 'ids', ids: [] } },
};
const mebibyte = 1024 * 1024;

function waitingOf(names: readonly string[], bytes = 1): WaitingWrites<{ name: string; operation: AdmittedOperation; bytes: number }> {
  const waiting = new WaitingWrites<{ name: string; operation: AdmittedOperation; bytes: number }>();
  for (const name of names) waiting.add({ name, bytes, operation: operations[name] ?? { kind: 'upsert', points: [] } });
  return waiting;
}

test.for([
  [['upsert', 'delete by ids', 'upsert'], [3]],
  [['delete by filter', 'upsert', 'upsert'], [3]],
  [
    ['upsert', 'delete by filter', 'upsert', 'paint by filter'],
    [1, 2, 1],
  ],
  [
    ['delete by filter', 'paint by filter'],
    [1, 1],
  ],
  [Array.from({ length: 300 }, () => 'upsert'), [256, 44]],
] as const)('rounds end before a write that selects by filter, and at their size: %#', ([names, sizes]) => {
  const waiting = waitingOf(names);
  const rounds = sizes.map(() => waiting.takeRound().map(({ name }) => name));
  expect(rounds.map((round) => round.length)).toEqual(sizes);
  expect(rounds.flat()).toEqual(names);
  expect(waiting.isEmpty).toBe(true);
});

test('a round ends with the write that makes it large', () => {
  const waiting = waitingOf(['upsert', 'upsert', 'upsert', 'upsert'], 3 * mebibyte);
  expect(waiting.takeRound()).toHaveLength(3);
  expect(waiting.takeRound()).toHaveLength(1);
});

test('there is room for a bounded number of writes and of bytes, but always for the first', () => {
  const waiting = waitingOf([]);
  const upsert = { name: '', operation: operations['upsert'] ?? { kind: 'upsert', points: [] } };
  expect(waiting.add({ ...upsert, bytes: 500 * mebibyte })).toBe(true);
  expect(waiting.add({ ...upsert, bytes: 1 })).toBe(false);
  waiting.takeRound();
  const taken = Array.from({ length: 1100 }, () => waiting.add({ ...upsert, bytes: 1 }));
  expect(taken.filter(Boolean)).toHaveLength(1024);
  expect(waiting.takeAll()).toHaveLength(1024);
  expect(waiting.add({ ...upsert, bytes: 1 })).toBe(true);
});
