import { array, assert, constant, constantFrom, nat, oneof, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredObject } from '../object.ts';
import { Store, type Change } from './store.ts';

const thing = (name: string, value: number): StoredObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name }, value });

const byName = (objects: readonly StoredObject[]): Record<string, StoredObject> =>
  Object.fromEntries(objects.map((object) => [object.metadata.name, object]));

const step = oneof(
  record({ kind: constant('write' as const), name: constantFrom('a', 'b', 'c'), value: nat(9) }),
  record({ kind: constant('remove' as const), name: constantFrom('a', 'b', 'c') }),
);

test('the past of any remembered revision can be had again', () => {
  assert(
    property(array(step, { maxLength: 40 }), (steps) => {
      const store = new Store();
      const states = new Map([[store.revision, [] as readonly StoredObject[]]]);
      for (const each of steps) {
        if (each.kind === 'write') store.write('things', thing(each.name, each.value));
        else store.remove('things', `/${each.name}`);
        states.set(store.revision, [...store.values('things')]);
      }
      for (const [revision, state] of states) expect(byName(store.valuesAt('things', revision))).toEqual(byName(state));
    }),
  );
});

test('subscribers hear every change once and in order, but not before it is published', () => {
  const store = new Store({ onWrite: () => {} });
  const heard: Change[] = [];
  store.subscribe((change) => heard.push(change));
  for (let value = 0; value < 5; value += 1) store.write('things', thing('a', value));
  expect(heard).toEqual([]);
  store.publish(store.revision - 2);
  store.publish(store.revision - 2);
  store.publish(store.revision);
  expect(heard.map(({ object }) => object?.['value'])).toEqual([0, 1, 2, 3, 4]);
});

test('the forgotten past is told by `oldest`', () => {
  const store = new Store({ historyLimit: 10 });
  for (let value = 0; value < 50; value += 1) store.write('things', thing('a', value));
  expect(store.oldest).toBeGreaterThan(30);
  expect(store.changesAfter(store.oldest)).toHaveLength(store.revision - store.oldest);
});
