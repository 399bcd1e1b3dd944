import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveRows, rowsPerSegment } from './live-rows.ts';

const row = fc.oneof(
  fc.integer({ min: 0, max: 70 }),
  fc.constantFrom(rowsPerSegment - 1, rowsPerSegment, 3 * rowsPerSegment + 31, 2 ** 31, 2 ** 32 - 1),
);
const step = fc.record({ kind: fc.constantFrom('add', 'remove', 'copy'), row });

test('a set of rows is what a Set is, and a copy stays as it was', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let rows = new LiveRows();
      const model = new Set<number>();
      const copies: { readonly taken: LiveRows; readonly expected: readonly number[] }[] = [];
      for (const { kind, row: at } of steps) {
        if (kind === 'add') {
          rows.add(at);
          model.add(at);
        } else if (kind === 'remove') {
          rows.remove(at);
          model.delete(at);
        } else {
          copies.push({ taken: rows, expected: ascending(model) });
          rows = rows.copy();
        }
      }
      for (const { taken, expected } of [...copies, { taken: rows, expected: ascending(model) }]) {
        expect([...taken.rows()]).toEqual(expected);
        expect(taken.count).toBe(expected.length);
        expect(steps.map((each) => taken.has(each.row))).toEqual(steps.map((each) => expected.includes(each.row)));
      }
    }),
  );
});

test('the original may change after it was copied', () => {
  const rows = LiveRows.of([1, 2, rowsPerSegment]);
  const copy = rows.copy();
  rows.remove(1);
  rows.add(3);
  rows.remove(rowsPerSegment);
  expect([...copy.rows()]).toEqual([1, 2, rowsPerSegment]);
  expect([...rows.rows()]).toEqual([2, 3]);
});

test('segments are bitsets of slots with their counts; the counts add up', () => {
  fc.assert(
    fc.property(fc.uniqueArray(row), (added) => {
      const rows = LiveRows.of(added);
      const indexes = new Set(added.map((at) => Math.floor(at / rowsPerSegment)));
      const counts = [...indexes].map((index) => {
        const { bits, count } = rows.segment(index);
        const slots = added.filter((at) => Math.floor(at / rowsPerSegment) === index).map((at) => at % rowsPerSegment);
        expect(slots.every((slot) => ((bits[slot >>> 5] ?? 0) >>> (slot & 31)) & 1)).toBe(true);
        expect(count).toBe(slots.length);
        return count;
      });
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows.count);
    }),
  );
});

test('a segment that is not there has no rows', () => {
  expect(LiveRows.of([5]).segment(7)).toMatchObject({ count: 0 });
});

function ascending(rows: ReadonlySet<number>): readonly number[] {
  return [...rows].toSorted((a, b) => a - b);
}
