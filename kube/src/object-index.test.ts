import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ObjectCache } from './object-cache.ts';
import type { IndexBy } from './object-index.ts';
import type { ConfigMap } from './types/core.ts';

const names = ['a', 'b', 'c'];
const words = fc.subarray(['x', 'y', 'z']);
const object = (name: string, said: readonly string[], version: number): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `${name}-${version % 2}`, resourceVersion: String(version) },
  data: Object.fromEntries(said.map((word) => [word, ''])),
});
const byWord: IndexBy<ConfigMap> = ({ data }) => Object.keys(data ?? {});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom(...names), said: words }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom(...names) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), held: fc.subarray(names), said: words }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'ask' as const }) },
);

test('law: what is found by a word is what a look through everything finds, whenever it was asked for first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const cache = new ObjectCache<ConfigMap>();
      const agrees = () => {
        for (const word of ['x', 'y', 'z', 'never']) {
          const found = new Set(cache.listBy(byWord, word));
          expect(found).toEqual(new Set(cache.list().filter((each) => byWord(each).includes(word))));
        }
      };
      for (const [version, each] of steps.entries()) {
        const resourceVersion = String(version);
        if (each.kind === 'put') cache.apply({ kind: 'modified', object: object(each.name, each.said, version), resourceVersion });
        else if (each.kind === 'remove') cache.apply({ kind: 'deleted', object: object(each.name, [], version), resourceVersion });
        else if (each.kind === 'list') cache.replaceAll(each.held.map((name) => object(name, each.said, version)));
        else agrees();
      }
      agrees();
    }),
  );
});
