import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaultyStore, type Fault } from '../test/faulty-store.ts';
import { settle } from '../test/manual-clock.ts';
import { Informer } from './informer.ts';
import { configMaps, type ConfigMap } from './types/core.ts';

const faults: readonly Fault[] = [
  'list-fails',
  'list-gone',
  'watch-fails',
  'watch-ends',
  'watch-silent',
  'compacted',
  'watch-cut-after-one',
];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('write' as const, 'remove' as const), name: fc.constantFrom('a', 'b') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fault' as const), fault: fc.constantFrom(...faults) }) },
);

test('law: whatever the faults, the cache becomes what is stored, and the changes told lead to it without a step back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const store = new FaultyStore();
      const told = new Map<string, ConfigMap>();
      const newest = new Map<string, number>();
      const violations: string[] = [];
      await using informer = new Informer<ConfigMap>(store.client, configMaps, { retryBaseDelayMs: 0, retryMaxDelayMs: 0 });
      informer.onChange(({ kind, object }) => {
        const known = told.get(object.metadata.name);
        if ((kind === 'added') !== (known === undefined))
          violations.push(`${kind} ${object.metadata.name} while it was ${known ? '' : 'not '}known`);
        if (known !== undefined && known.metadata.uid !== object.metadata.uid)
          violations.push(`${kind} of another ${object.metadata.name}`);
        const version = Number(object.metadata.resourceVersion);
        if (kind !== 'deleted' && version <= (newest.get(object.metadata.name) ?? 0))
          violations.push(`${kind} ${object.metadata.name} goes back`);
        newest.set(object.metadata.name, version);
        if (kind === 'deleted') told.delete(object.metadata.name);
        else told.set(object.metadata.name, object);
      });
      informer.start(new AbortController().signal);
      for (const one of steps) {
        switch (one.kind) {
          case 'write':
            store.write(one.name);
            break;
          case 'remove':
            store.remove(one.name);
            break;
          case 'fault':
            store.inject(one.fault);
            break;
          case 'wait':
            await settle();
            break;
        }
      }
      await informer.synced();
      store.write('last');
      await informer.waitFor((it) => it.resourceVersion === store.version, AbortSignal.timeout(5_000));
      const stored = Object.fromEntries(store.objects);
      expect(Object.fromEntries(informer.list().map((object) => [object.metadata.name, object]))).toEqual(stored);
      expect(Object.fromEntries(told)).toEqual(stored);
      expect(violations).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
