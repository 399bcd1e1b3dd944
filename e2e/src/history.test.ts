import { expect, test } from 'vitest';
import { violations, type Slot } from './history.ts';

const generation = (n: number) => ({ kind: 'generation', generation: n }) as const;
const absent = { kind: 'absent' } as const;
const parity = (id: number): string => (id % 2 === 0 ? 'even' : 'odd');
const ids = [1, 2, 3, 4];
const all = (n: number): Map<number, number> => new Map(ids.map((id) => [id, n]));

test.for<[string, Slot, Map<number, number>, readonly string[]]>([
  ['what was acknowledged is there', { ids, acknowledged: generation(3) }, all(3), []],
  ['a deleted slot is empty', { ids, acknowledged: absent }, new Map(), []],
  [
    'a lost write',
    { ids, acknowledged: generation(3) },
    new Map([
      [1, 3],
      [3, 3],
      [4, 3],
    ]),
    ['an acknowledged write is lost or undone'],
  ],
  [
    'an old value',
    { ids, acknowledged: generation(3) },
    all(2),
    ['an acknowledged write is lost or undone', 'an acknowledged write is lost or undone'],
  ],
  ['a delete undone', { ids, acknowledged: absent }, new Map([[2, 1]]), ['an acknowledged write is lost or undone']],
  ['a failed write that took effect', { ids, acknowledged: generation(3), uncertain: generation(4) }, all(4), []],
  [
    'a failed write that took effect in one shard',
    { ids, acknowledged: generation(3), uncertain: generation(4) },
    new Map([
      [1, 4],
      [3, 4],
      [2, 3],
      [4, 3],
    ]),
    [],
  ],
  [
    'half a batch in one shard',
    { ids, acknowledged: generation(3), uncertain: generation(4) },
    new Map([
      [1, 4],
      [3, 3],
      [2, 3],
      [4, 3],
    ]),
    ['a batch took effect in part'],
  ],
  [
    'half a delete in one shard',
    { ids, acknowledged: generation(3), uncertain: absent },
    new Map([
      [1, 3],
      [2, 3],
      [3, 3],
    ]),
    ['a batch took effect in part'],
  ],
])('%s', ([, slot, stored, problems]) => {
  expect(violations([slot], stored, parity).map((violation) => violation.what)).toEqual(problems);
});
