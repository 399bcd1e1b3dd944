import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { ApiUnavailableError, ConflictError, InvalidError } from '@vectorcluster/kube/errors.ts';
import { silentLog } from '@vectorcluster/kube/log.ts';
import { expect, test } from 'vitest';
import { ShardConfiguration, type ShardConfigurationOptions } from './shard-configuration.ts';

const shard: VectorShard = {
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorShard',
  metadata: { name: 'shard', namespace: 'n', uid: 'u', resourceVersion: '7' },
  spec: {
    clusterName: 'shop',
    collection: 'c',
    vectorCollection: 'c',
    hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
    assignments: [],
  },
};

function configurationOn(client: (waited: readonly number[]) => ShardConfigurationOptions['client']) {
  const waited: number[] = [];
  const told: string[] = [];
  const configuration = new ShardConfiguration({
    client: client(waited),
    namespace: 'n',
    name: 'shard',
    uid: 'u',
    watched: () => shard,
    onNewer: () => {},
    log: { ...silentLog, warn: (_, message) => void told.push(message) },
    after: (ms, act) => {
      waited.push(ms);
      queueMicrotask(act);
      return { [Symbol.dispose]: () => {} };
    },
    random: () => 1,
  });
  return { configuration, waited, told };
}

test('an API server that is away is asked less and less often, and written about once', async () => {
  const { configuration, waited, told } = configurationOn((waits) => ({
    get: async () => {
      if (waits.length < 6) throw new Error('away');
      return undefined;
    },
    replaceStatus: async (_, object) => object,
  }));
  expect(await configuration.read(new AbortController().signal)).toBeUndefined();
  expect(waited).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  expect(told.length).toBe(1);
});

const change = { expected: '7', inSync: ['a'] };

test.for([
  ['invalid', new InvalidError({ status: 422, reason: 'Invalid', message: 'no' }), 'conflict'],
  ['unknown', new ApiUnavailableError({ status: 503, reason: 'ServiceUnavailable', message: 'no' }), 'unknown'],
] as const)('a swap that is %s is tried less and less often, and written about once', async ([, error, kind]) => {
  let fails = true;
  const { configuration, waited, told } = configurationOn(() => ({
    get: async () => undefined,
    replaceStatus: async (_, object) => {
      if (fails) throw error;
      return object;
    },
  }));
  for (let tries = 0; tries < 6; tries += 1) expect(await configuration.changeInSync(change)).toEqual({ kind });
  expect(waited).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  expect(told.length).toBe(1);
  fails = false;
  expect((await configuration.changeInSync(change)).kind).toBe('done');
  fails = true;
  await configuration.changeInSync(change);
  expect(waited.at(-1)).toBe(250);
});

test('a conflict is answered at once: somebody else was first', async () => {
  const { configuration, waited, told } = configurationOn(() => ({
    get: async () => undefined,
    replaceStatus: async () => {
      throw new ConflictError({ status: 409, reason: 'Conflict', message: 'no' });
    },
  }));
  expect(await configuration.changeInSync(change)).toEqual({ kind: 'conflict' });
  expect([waited, told]).toEqual([[], []]);
});
