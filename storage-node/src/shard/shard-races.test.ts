import { expect, test } from 'vitest';
import { NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { ShardWorld } from './shard-world.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

const level: ReadLevel = { kind: 'eventual' };

const config: CollectionConfig = { vectors: new Map([['', { size: 1, distance: 'Euclid', m: 4, efConstruct: 8 }]]) };
const red: Filter = { must: [{ kind: 'match-value', key: 'colour', value: 'red' }], mustNot: [], should: [] };
const shown = { withPayload: true, withVectors: false } as const;

async function openWorld(): Promise<ShardWorld> {
  const world = new ShardWorld(1, config);
  await world.open();
  return world;
}

function redPoints(count: number, at = 1): WriteOperation {
  const points = Array.from({ length: count }, (_, id) => {
    return { id: BigInt(id), vectors: new Map([['', Float32Array.of(at + id)]]), payload: { colour: 'red' } };
  });
  return { kind: 'upsert', points };
}

function paint(colour: string): WriteOperation {
  return { kind: 'set-payload', selection: { kind: 'ids', ids: [0n] }, payload: { colour } };
}

test('a read that began before a payload changed does not hide the change from later reads', async () => {
  const world = await openWorld();
  await world.replica.write(redPoints(1), 'a', 'applied');
  const { release } = world.documents.holdViews();
  const early = world.replica.retrieve({ ids: [0n], ...shown }, level);
  await world.replica.write(paint('blue'), 'b', 'applied');
  release();
  await early;
  expect((await world.replica.retrieve({ ids: [0n], ...shown }, level)).value).toMatchObject([{ payload: { colour: 'blue' } }]);
});

test.for(['count', 'search', 'scroll', 'delete'] as const)('points replaced while a filter reads them are found: %s', async (kind) => {
  const world = await openWorld();
  await world.replica.write(redPoints(1300), 'a', 'applied');
  const { release } = world.documents.holdViews();
  const found = read(world, kind);
  const replaced = [2, 3, 4].map((at) => world.replica.write(redPoints(1300, at), `again ${at}`, 'applied'));
  if (kind !== 'delete') await Promise.all(replaced); // a delete by filter is a write and goes first
  release();
  expect(await found).toBe(1300);
  await Promise.all(replaced);
});

async function read(world: ShardWorld, kind: 'count' | 'search' | 'scroll' | 'delete'): Promise<number> {
  const { replica } = world;
  if (kind === 'count') return (await replica.count({ filter: red }, level)).value;
  if (kind === 'scroll') return (await replica.scroll({ filter: red, limit: 5000, ...shown }, level)).value.length;
  if (kind === 'delete') {
    const before = (await replica.count({}, level)).value;
    await replica.write({ kind: 'delete', selection: { kind: 'filter', filter: red } }, 'delete', 'applied');
    return before;
  }
  const search = { vectorName: '', vector: Float32Array.of(0), filter: red, limit: 5000, params: { exact: true } };
  return (await replica.search({ ...search, ...shown }, level)).value.length;
}

test('updating the same points over and over keeps neither their segments nor their documents', { timeout: 60_000 }, async () => {
  const world = await openWorld();
  await world.replica.write(redPoints(1000), 'first', 'applied');
  const { release } = world.documents.holdViews();
  const early = read(world, 'search');
  for (let round = 0; round < 70; round += 1) await world.replica.write(redPoints(1000), `round ${round}`, 'applied');
  release();
  expect(await early).toBe(1000); // in a segment that was dropped since
  expect(await world.replica.stats()).toMatchObject({ points: 1000, segments: 1 });
  expect((await world.documentCounts()).points).toBe(2000);
  const nearest = (
    await world.replica.search(
      {
        vectorName: '',
        vector: Float32Array.of(0),
        limit: 3,
        params: { exact: false },
        ...shown,
      },
      level,
    )
  ).value;
  expect(nearest.map(({ id }) => id)).toEqual([0n, 1n, 2n]);
});

test('closing answers the reads under way, refuses the writes that wait, and then refuses everything', async () => {
  const world = await openWorld();
  await world.replica.write(redPoints(10), 'a', 'applied');
  const { release } = world.documents.holdViews();
  const reading = world.replica.retrieve({ ids: [1n], ...shown }, level);
  const first = world.replica.write(paint('blue'), 'b', 'applied');
  const waiting = Promise.allSettled([
    first,
    world.replica.write(paint('green'), 'c', 'applied'),
    world.replica.write(paint('grey'), 'd', 'applied'),
  ]);
  const closed = world.close();
  release();
  expect((await reading).value).toHaveLength(1);
  const outcomes = (await waiting).map((answer) => (answer.status === 'rejected' ? answer.reason instanceof NotPrimaryError : 'taken'));
  expect(outcomes).not.toContain(false);
  expect(outcomes).toContain(true);
  const { replica } = world;
  await closed;
  await expect(replica.count({}, level)).rejects.toThrow(ShardUnavailableError);
  await expect(replica.write(paint('black'), 'e', 'applied')).rejects.toThrow(NotPrimaryError);
});

test('a search under way is answered in full by a replica that is being closed', async () => {
  const world = await openWorld();
  await world.replica.write(redPoints(10), 'a', 'applied');
  const { release } = world.documents.holdViews();
  const searching = read(world, 'search');
  await world.replica.write(redPoints(1), 'b', 'applied'); // by now the search holds its view
  const closed = world.close();
  await new Promise(setImmediate);
  release();
  expect(await searching).toBe(10);
  await closed;
});

test('a higher epoch ends the one before: writes under way are sent again and take effect once', async () => {
  const world = await openWorld();
  const write = (at: number) => world.replica.write(redPoints(2, at), `before ${at}`, 'applied');
  const underWay = Promise.allSettled([1, 2, 3].map(write));
  await world.lead();
  const reasons = (await underWay).flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(reasons.filter((reason) => !(reason instanceof NotPrimaryError))).toEqual([]);
  const again = await Promise.all([1, 2, 3].map(write));
  expect(new Set(again.map(({ sequence }) => sequence))).toEqual(new Set([1n, 2n, 3n]));
  const { epoch, sequence } = await world.replica.write(paint('blue'), 'after', 'applied');
  expect([epoch, sequence]).toEqual([2n, 4n]);
});
