import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { ReplicaGroup } from '../../test/replica-group.ts';
import { NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import type { Message } from '../replication/messages.ts';
import { step, type ReplicaStep } from '../replication/step.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

const config: CollectionConfig = { vectors: new Map([['', { size: 2, distance: 'Euclid', m: 4, efConstruct: 8 }]]) };
const recent: ReadLevel = { kind: 'recent', silenceMs: 60_000 };
const eventual: ReadLevel = { kind: 'eventual' };
const nodes = ['a', 'b', 'c'];

const upsert = (id: number): WriteOperation => ({
  kind: 'upsert',
  points: [{ id: BigInt(id), vectors: new Map([['', Float32Array.of(id, 1)]]), payload: { id } }],
});

async function group(): Promise<ReplicaGroup> {
  const made = new ReplicaGroup(nodes, config);
  for (const node of nodes) await made.start(node);
  made.appoint('a', nodes);
  return made;
}

const countAt = async (made: ReplicaGroup, node: string, level: ReadLevel = recent) => (await made.replica(node).count({}, level)).value;

async function serving(made: ReplicaGroup, node: string): Promise<void> {
  const replica = made.replica(node);
  await replica.runner.changes.until(() => replica.servingEpoch === made.object.epoch, AbortSignal.timeout(5_000));
}

async function inSync(made: ReplicaGroup, members: readonly string[]): Promise<void> {
  await expect.poll(() => made.object.inSync.toSorted()).toEqual(members.map((each) => made.id(each)).toSorted());
}

test('a write that was waited for is shown by every copy, and each tells the same place in the log', async () => {
  await using made = await group();
  await serving(made, 'a');
  for (let id = 0; id < 50; id += 1) await made.replica('a').write(upsert(id), `r${id}`, 'applied');
  for (const node of nodes) expect(await countAt(made, node)).toBe(50);
  const places = await Promise.all(nodes.map(async (node) => (await made.replica(node).count({}, recent)).position));
  expect(new Set(places.map(({ sequence, epoch }) => `${epoch}/${sequence}`))).toEqual(new Set(['1/50']));
});

test('many writers at once: every one is answered, all copies are equal', async () => {
  await using made = await group();
  await serving(made, 'a');
  const answers = Array.from({ length: 400 }, (_, id) => made.replica('a').write(upsert(id), `r${id}`, id % 2 ? 'applied' : 'committed'));
  expect(new Set((await Promise.all(answers)).map(({ sequence }) => sequence)).size).toBe(400);
  await expect.poll(() => Promise.all(nodes.map((node) => countAt(made, node)))).toEqual([400, 400, 400]);
});

test('a primary that dies: its successor has everything that was answered, and takes effect once what is sent again', async () => {
  await using made = await group();
  await serving(made, 'a');
  for (let id = 0; id < 20; id += 1) await made.replica('a').write(upsert(id), `r${id}`, 'committed');
  await made.stop('a');
  made.appoint('b', ['b', 'c']);
  await serving(made, 'b');
  expect(await made.replica('b').write(upsert(7), 'r7', 'applied')).toEqual({ epoch: 1n, sequence: 8n });
  expect((await made.replica('b').write(upsert(20), 'r20', 'applied')).epoch).toBe(2n);
  expect(await countAt(made, 'c')).toBe(21);
  await made.start('a');
  await inSync(made, ['a', 'b', 'c']);
  expect(await countAt(made, 'a')).toBe(21);
  await expect(made.replica('a').write(upsert(99), 'r99', 'applied')).rejects.toThrow(NotPrimaryError);
});

test('what is sent again takes effect once, though it is not applied yet when it comes again', async () => {
  await using made = await group();
  await serving(made, 'a');
  const twice = async (id: number) => {
    const write = () => made.replica('a').write(upsert(id), `r${id}`, 'committed');
    return [await write(), await write()] as const;
  };
  const answers = await Promise.all(Array.from({ length: 400 }, (_, id) => twice(id)));
  expect(answers.filter(([first, again]) => first.sequence !== again.sequence)).toEqual([]);
});

test('what is sent again to a new primary is answered though nothing new is committed there', async () => {
  await using made = await group();
  await serving(made, 'a');
  await made.replica('a').write(upsert(1), 'r1', 'applied');
  await made.stop('a');
  made.appoint('b', ['b', 'c']);
  await serving(made, 'b');
  expect(await made.replica('b').write(upsert(1), 'r1', 'committed')).toEqual({ epoch: 1n, sequence: 1n });
});

test('a follower that is cut off leaves the set, misses writes, and is in sync again once it has them', async () => {
  await using made = await group();
  await serving(made, 'a');
  made.cut('a', 'c');
  const written = made.replica('a').write(upsert(1), 'r1', 'applied');
  made.tick('a');
  await written;
  await inSync(made, ['a', 'b']);
  await expect(made.replica('c').count({}, recent)).rejects.toThrow(ShardUnavailableError);
  expect(await countAt(made, 'c', eventual)).toBe(0);
  made.heal('a', 'c');
  await inSync(made, ['a', 'b', 'c']);
  expect(await countAt(made, 'c')).toBe(1);
});

test('too few copies in sync: writes are refused with the reason, what was acknowledged stays readable', async () => {
  await using made = await group();
  await serving(made, 'a');
  made.change({ minInSync: 2 });
  await made.replica('a').write(upsert(1), 'r1', 'applied');
  made.cut('a', 'b');
  made.cut('a', 'c');
  for (const _ of nodes) {
    made.tick('a');
    await new Promise(setImmediate);
  }
  await inSync(made, ['a']);
  await expect(made.replica('a').write(upsert(2), 'r2', 'applied')).rejects.toThrow('1 of at least 2 copies are in sync');
  expect(await made.replica('a').write(upsert(1), 'r1', 'applied')).toEqual({ epoch: 1n, sequence: 1n });
  expect(await countAt(made, 'a')).toBe(1);
  made.heal('a', 'b');
  await inSync(made, ['a', 'b']);
  await made.replica('a').write(upsert(2), 'r2', 'applied');
});

test('what the watch showed while the object was being read is looked at, though nothing changes any more', async () => {
  await using made = await group();
  await serving(made, 'a');
  const { runner } = made.replica('a');
  const minInSync = () => (runner.replica.role.kind === 'leading' ? runner.replica.role.configuration.minInSync : 0);
  made.readsFind = made.object;
  made.change({ minInSync: 2 });
  await new Promise(setImmediate);
  expect(minInSync()).toBe(1);
  made.readsFind = undefined;
  made.tick('a');
  await expect.poll(minInSync).toBe(2);
});

test('what a deposed primary logged alone is cut off when it follows again', async () => {
  await using made = await group();
  await serving(made, 'a');
  await made.replica('a').write(upsert(1), 'r1', 'applied');
  made.cut('a', 'b');
  made.cut('a', 'c');
  const alone = Promise.allSettled([made.replica('a').write(upsert(2), 'r2', 'committed')]);
  await new Promise(setImmediate);
  made.appoint('b', ['b', 'c']);
  expect(await alone).toMatchObject([{ status: 'rejected', reason: { name: 'NotPrimaryError' } }]);
  await serving(made, 'b');
  await made.replica('b').write(upsert(3), 'r3', 'applied');
  for (const other of ['b', 'c']) made.heal('a', other);
  await inSync(made, ['a', 'b', 'c']);
  const ids = async (node: string) => {
    const { value } = await made.replica(node).scroll({ limit: 10, withPayload: false, withVectors: false }, recent);
    return value.map(({ id }) => id);
  };
  for (const node of nodes) expect(await ids(node)).toEqual([1n, 3n]);
});

test('a hand-over: writes wait, none fails that is sent again, and the target leads', async () => {
  await using made = await group();
  await serving(made, 'a');
  const underWay = Promise.allSettled(Array.from({ length: 50 }, (_, id) => made.replica('a').write(upsert(id), `r${id}`, 'applied')));
  made.change({ handOverTo: made.id('b') });
  const { runner } = made.replica('a');
  await runner.changes.until(() => runner.drainedTo === made.id('b'), AbortSignal.timeout(5_000));
  made.change({ epoch: 2n, primary: made.id('b'), handOverTo: undefined });
  await serving(made, 'b');
  for (const [id, outcome] of (await underWay).entries()) {
    if (outcome.status === 'rejected') await made.replica('b').write(upsert(id), `r${id}`, 'applied');
  }
  for (const node of nodes) expect(await countAt(made, node)).toBe(50);
});

test('linearizable reads ask everyone who may be promoted, whichever copy in sync answers them', async () => {
  await using made = await group();
  await serving(made, 'a');
  await made.replica('a').write(upsert(1), 'r1', 'committed');
  expect(await countAt(made, 'a', { kind: 'linearizable' })).toBe(1);
  for (let id = 2; id <= 20; id += 1) {
    await made.replica('a').write(upsert(id), `r${id}`, 'committed');
    expect(await countAt(made, 'b', { kind: 'linearizable' })).toBe(id);
  }
  expect(await countAt(made, 'b', { kind: 'bounded', staleMs: 1_000 })).toBe(20);
  made.cut('a', 'c');
  expect(await countAt(made, 'b', { kind: 'linearizable' })).toBe(20);
  made.cut('b', 'c');
  for (const node of ['a', 'b'])
    await expect(made.replica(node).count({}, { kind: 'linearizable' })).rejects.toThrow(ShardUnavailableError);
});

test('a copy that does not reach one whose word it needs says so at once, and goes on when it is told that it needs it no more', async () => {
  await using made = await group();
  await serving(made, 'a');
  await made.replica('a').write(upsert(1), 'r1', 'applied');
  expect(await countAt(made, 'b', { kind: 'linearizable' })).toBe(1);
  made.cut('b', 'c');
  const refused = made.replica('b').count({}, { kind: 'linearizable' });
  await expect(refused).rejects.toThrow('it does not reach every copy in sync');
  made.cut('a', 'c');
  made.tick('a');
  await inSync(made, ['a', 'b']);
  made.tick('b');
  await expect.poll(() => countAt(made, 'b', { kind: 'linearizable' })).toBe(1);
});

test('linearizable reads that come together share questions, and each sees what was acknowledged before it', async () => {
  await using made = await group();
  await serving(made, 'a');
  const reads = Array.from({ length: 40 }, async (_, id) => {
    const node = nodes[id % nodes.length] ?? 'a';
    await made.replica('a').write(upsert(id), `r${id}`, 'committed');
    return (await countAt(made, node, { kind: 'linearizable' })) > 0;
  });
  expect(await Promise.all(reads)).toEqual(reads.map(() => true));
});

test('a copy that is closed does not keep the reads that wait for others', async () => {
  await using made = await group();
  await serving(made, 'a');
  made.cut('b', 'a');
  const waits = made.replica('b').count({}, { kind: 'linearizable' });
  await made.stop('b');
  await expect(waits).rejects.toThrow('this copy is being closed');
});

test('all copies start again: nothing that was answered is lost', async () => {
  await using made = await group();
  await serving(made, 'a');
  for (let id = 0; id < 30; id += 1) await made.replica('a').write(upsert(id), `r${id}`, 'committed');
  for (const node of nodes) await made.stop(node);
  for (const node of nodes) await made.start(node);
  made.appoint('c', nodes);
  await serving(made, 'c');
  for (const node of nodes) await expect.poll(() => countAt(made, node)).toBe(30);
});

/** The protocol with an assertion that fails on one node. */
const failing =
  (node: string, on: ReplicaEvent['kind']) =>
  (each: string): ReplicaStep =>
  (replica, event) => {
    assert(each !== node || event.kind !== on, 'a mistake of ours');
    return step(replica, event);
  };

test('a mistake in a primary bars it, and nothing else: who waits is told, and another copy leads', async () => {
  await using made = await group();
  await serving(made, 'a');
  await made.replica('a').write(upsert(1), 'r1', 'applied');
  made.step = failing('a', 'proposed');
  const lost = made.replica('a').write(upsert(2), 'r2', 'applied');
  await expect(lost).rejects.toThrow(NotPrimaryError);
  await expect(made.replica('a').write(upsert(3), 'r3', 'applied')).rejects.toThrow(NotPrimaryError);
  expect(made.replica('a').damage).toContain('a mistake of ours');
  expect(made.mistakes('a').map(({ during }) => during)).toEqual(['proposed']);
  await expect(countAt(made, 'a', eventual)).rejects.toThrow(ShardUnavailableError);
  made.appoint('b', ['b', 'c']);
  await serving(made, 'b');
  await made.replica('b').write(upsert(2), 'r2', 'applied');
  expect(await countAt(made, 'c')).toBe(2);
});

test('a mistake in a follower bars it, and the others go on without it', async () => {
  await using made = await group();
  await serving(made, 'a');
  made.step = failing('b', 'applied');
  const waits = made.replica('a').write(upsert(1), 'r1', 'applied');
  await expect.poll(() => made.replica('b').damage).toContain('a mistake of ours');
  await made.replica('a').receive('b', { message: damaged(made, 'b', 'a'), bodies: [] });
  await waits;
  expect(made.object.inSync).toEqual([made.id('a'), made.id('c')]);
  expect([made.mistakes('a'), made.mistakes('c')]).toEqual([[], []]);
});

test('an entry that cannot be applied bars the copy that cannot, once', async () => {
  await using made = await group();
  await serving(made, 'a');
  made.documents('b').write = async () => assert.fail('a mistake of ours');
  await made.replica('a').write(upsert(1), 'r1', 'committed');
  await made.replica('a').write(upsert(2), 'r2', 'committed');
  await expect.poll(() => made.replica('b').damage).toContain('a mistake of ours');
  expect(made.mistakes('b').map(({ during }) => during)).toEqual(['apply']);
});

function damaged(made: ReplicaGroup, from: string, to: string): Message {
  return { kind: 'damaged', shard: 'shard', epoch: made.object.epoch, from: made.id(from), to: made.id(to) };
}

test('a follower that acknowledges and does not apply leaves the set, and who waits for every copy is answered', async () => {
  await using made = await group();
  await serving(made, 'a');
  const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
  made.documents('b').write = () => stuck;
  const ticking = setInterval(() => made.tick('a'), 50);
  const written = await made.replica('a').write(upsert(1), 'r1', 'applied');
  clearInterval(ticking);
  expect(made.object.inSync).toEqual([made.id('a'), made.id('c')]);
  expect(made.replica('b').runner.replica.log.last).toBe(written.sequence);
  release();
});
