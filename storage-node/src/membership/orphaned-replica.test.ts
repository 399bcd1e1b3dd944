import { describe, expect, test } from 'vitest';
import { keptBecause, type Owner } from './orphaned-replica.ts';

const metadata = { name: 'it', uid: '1' };
const alive: Owner = { uid: '1', now: { metadata } };
const gone: Owner = { uid: '1', now: undefined };
const madeAgain: Owner = { uid: 'an earlier one', now: { metadata } };
const goes: Owner = { uid: '1', now: { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } };

describe('data', () => {
  test.for([
    ['a collection that was deleted', gone],
    ['a collection that waits for its shards to go', goes],
    ['a collection that was deleted and made again', madeAgain],
  ] as const)('go with %s', ([, collection]) => {
    expect(keptBecause({ cluster: alive, collection })).toBeUndefined();
  });

  test.for([
    ['a VectorShard that somebody deleted', alive, alive, 'not deleted with the collection but by mistake'],
    ['a cluster that was deleted', gone, gone, 'its deletionPolicy says'],
    ['a cluster that waits for its objects to go', goes, gone, 'its deletionPolicy says'],
    ['a cluster that was deleted and made again', madeAgain, gone, 'its deletionPolicy says'],
  ] as const)('do not go with %s', ([, cluster, collection, why]) => {
    expect(keptBecause({ cluster, collection })).toContain(why);
  });
});
