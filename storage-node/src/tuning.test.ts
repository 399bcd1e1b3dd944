import { expect, test } from 'vitest';
import { tuningFor } from './tuning.ts';

const gi = 1024;
const bytesOf = (mebibytes: number) => mebibytes * 1024 * 1024;

test.for<
  [string, { memory: number | undefined; processors: number }, readonly [cache: number, entries: number, engine: number, io: number]]
>([
  ['the least', { memory: 384, processors: 1 }, [24, 8, 1, 4]],
  ['small', { memory: 1 * gi, processors: 2 }, [64, 16, 2, 4]],
  ['without a limit', { memory: undefined, processors: 8 }, [256, 64, 8, 16]],
  ['middling', { memory: 16 * gi, processors: 4 }, [1024, 256, 4, 8]],
  ['large', { memory: 256 * gi, processors: 64 }, [2048, 256, 64, 64]],
])('%s', ([, { memory, processors }, [cache, entries, engineThreads, ioThreads]]) => {
  expect(tuningFor({ memoryBytes: memory === undefined ? undefined : bytesOf(memory), processors })).toEqual({
    pointCacheBytes: bytesOf(cache),
    recentEntryBytes: bytesOf(entries),
    engineThreads,
    ioThreads,
  });
});

test('a limit in which nothing fits is refused with what to raise', () => {
  expect(() => tuningFor({ memoryBytes: bytesOf(256), processors: 1 })).toThrow(
    'a memory limit of 256Mi is too small for a storage node: raise resources.limits.memory of the pool to 384Mi at least',
  );
});
