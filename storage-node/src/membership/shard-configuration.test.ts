import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { silentLog } from '@vectorcluster/kube/log.ts';
import { expect, test } from 'vitest';
import { ShardConfiguration } from './shard-configuration.ts';

test('an API server that is away is asked less and less often, and written about once', async () => {
  const waited: number[] = [];
  const told: string[] = [];
  const configuration = new ShardConfiguration({
    client: {
      get: async () => {
        if (waited.length < 6) throw new Error('away');
        return undefined;
      },
      replaceStatus: async (_, object) => object,
    },
    namespace: 'n',
    name: 'shard',
    uid: 'u',
    watched: (): VectorShard | undefined => undefined,
    onNewer: () => {},
    log: { ...silentLog, warn: (_, message) => void told.push(message) },
    after: (ms, act) => {
      waited.push(ms);
      queueMicrotask(act);
      return { [Symbol.dispose]: () => {} };
    },
  });
  expect(await configuration.read(new AbortController().signal)).toBeUndefined();
  expect(waited).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  expect(told.length).toBe(1);
});
