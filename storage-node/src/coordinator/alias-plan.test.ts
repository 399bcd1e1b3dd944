import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlreadyExistsError, NotFoundError } from '../errors.ts';
import { aliasWrites, planAliases, type AliasLists } from './alias-plan.ts';
import type { AliasAction } from './database.ts';

const now: AliasLists = new Map([
  ['books', ['b', 'old']],
  ['films', ['f']],
  ['empty', []],
]);

test.for([
  { actions: [{ kind: 'create', collection: 'empty', alias: 'e' }], lists: { empty: ['e'] } },
  { actions: [{ kind: 'create', collection: 'films', alias: 'b' }], lists: { books: ['old'], films: ['b', 'f'] } },
  { actions: [{ kind: 'create', collection: 'books', alias: 'b' }], lists: {} },
  { actions: [{ kind: 'delete', alias: 'f' }], lists: { films: [] } },
  { actions: [{ kind: 'delete', alias: 'nothing' }], lists: {} },
  { actions: [{ kind: 'rename', from: 'b', to: 'f' }], lists: { books: ['f', 'old'], films: [] } },
  {
    actions: [
      { kind: 'delete', alias: 'b' },
      { kind: 'create', collection: 'films', alias: 'b' },
      { kind: 'rename', from: 'b', to: 'c' },
    ],
    lists: { books: ['old'], films: ['c', 'f'] },
  },
] satisfies { actions: AliasAction[]; lists: Record<string, string[]> }[])('$actions', ({ actions, lists }) => {
  expect(planAliases(now, actions)).toEqual({ kind: 'change', lists: new Map(Object.entries(lists)) });
});

test.for([
  { action: { kind: 'create', collection: 'none', alias: 'x' }, error: new NotFoundError("Collection `none` doesn't exist!") },
  { action: { kind: 'create', collection: 'films', alias: 'books' }, error: new AlreadyExistsError('Collection `books` already exists!') },
  { action: { kind: 'rename', from: 'x', to: 'y' }, error: new NotFoundError('Alias x does not exists!') },
  { action: { kind: 'rename', from: 'f', to: 'books' }, error: new AlreadyExistsError('Collection `books` already exists!') },
] satisfies { action: AliasAction; error: Error }[])('refused: $error.message', ({ action, error }) => {
  const plan = planAliases(now, [{ kind: 'create', collection: 'empty', alias: 'first' }, action]);
  expect(plan).toEqual({ kind: 'refuse', error });
});

const collection = fc.constantFrom('books', 'films', 'empty');
const alias = fc.constantFrom('b', 'old', 'f', 'new');
const action: fc.Arbitrary<AliasAction> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), collection, alias }),
  fc.record({ kind: fc.constant('delete' as const), alias }),
);

test('written one by one, an alias that was and is names something at every moment, and the end is the plan', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 6 }), (actions) => {
      const plan = planAliases(now, actions);
      if (plan.kind === 'refuse') throw plan.error;
      const state = new Map(now);
      const final = new Map([...now, ...plan.lists]);
      const lasting = [...now.values()].flat().filter((each) => [...final.values()].flat().includes(each));
      for (const { collection, aliases } of aliasWrites(now, plan.lists)) {
        state.set(collection, aliases);
        for (const each of lasting) expect([...state.values()].flat()).toContain(each);
      }
      expect(state).toEqual(final);
    }),
  );
});
