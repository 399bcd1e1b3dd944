import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { expect, test } from 'vitest';
import { movesOf, stayingCopies } from './staying-copies.ts';

const n1: Assignment = { node: 'n1', kind: 'Voter' };
const n2: Assignment = { node: 'n2', kind: 'Voter' };
const n3: Assignment = { node: 'n3', kind: 'Voter' };

test.for<[string, readonly Assignment[], readonly string[], readonly { readonly from: string; readonly to: string }[]]>([
  ['copies that stay', [n1, n2], ['n1', 'n2'], []],
  ['a copy on its way counts where it goes', [{ ...n1, replacedBy: 'n3' }, n2, n3], ['n2', 'n3'], [{ from: 'n1', to: 'n3' }]],
  ['one whose replacement is not assigned any more stays', [{ ...n1, replacedBy: 'n3' }, n2], ['n1', 'n2'], []],
])('%s', ([, assignments, staying, moves]) => {
  expect(stayingCopies(assignments, 'Voter')).toEqual(staying);
  expect(movesOf(assignments)).toEqual(moves);
});
