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
const step = fc.record({ kind: fc.constantFrom('write', 'remove', 'wait'), name: fc.constantFrom('a', 'b', 'c') });

test('law: whatever the faults, the cache becomes what is stored, and the changes told lead from nothing to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...faults), { maxLength: 12 }), fc.array(step, { maxLength: 20 }), async (planned, steps) => {
      const store = new FaultyStore(planned);
      const told = new Map<string, ConfigMap>();
      const violations: string[] = [];
      await using informer = new Informer<ConfigMap>(store.client, configMaps, { retryBaseDelayMs: 0, retryMaxDelayMs: 0 });
      informer.onChange(({ kind, object }) => {
        const known = told.get(object.metadata.name);
        if ((kind === 'added') !== (known === undefined))
          violations.push(`${kind} ${object.metadata.name} while it was ${known ? '' : 'not '}known`);
        if (known !== undefined && known.metadata.uid !== object.metadata.uid)
          violations.push(`${kind} of another ${object.metadata.name}`);
        if (kind === 'deleted') told.delete(object.metadata.name);
        else told.set(object.metadata.name, object);
      });
      informer.start(new AbortController().signal);
      for (const one of steps) {
        if (one.kind === 'write') store.write(one.name);
        else if (one.kind === 'remove') store.remove(one.name);
        else await settle();
      }
      await informer.synced();
      store.write('last');
      await informer.waitFor((it) => it.resourceVersion === store.version, AbortSignal.timeout(5_000));
      const stored = Object.fromEntries(store.objects);
      expect(Object.fromEntries(informer.list().map((object) => [object.metadata.name, object]))).toEqual(stored);
      expect(Object.fromEntries(told)).toEqual(stored);
      expect(violations).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
