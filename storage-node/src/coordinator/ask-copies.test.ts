import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CopiesCluster, nodes } from '../../test/copies-cluster.ts';
import { BadInputError, InsufficientStorageError, NodeUnreachableError, NotPrimaryError, OverloadedError } from '../errors.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import { readEveryShard } from './on-shard.ts';
import { Session } from './session.ts';

describe('a read', () => {
  test('of a copy here asks nobody else', async () => {
    const cluster = await CopiesCluster.of();
    expect(await cluster.count()).toBe(0);
    expect([cluster.asked, cluster.cancelled, cluster.hedges, cluster.clock.waiting]).toEqual([['own'], [], [], 0]);
    expect(cluster.answered).toEqual([{ level: 'recent', replica: 'primary' }]);
  });

  test.for([
    ['gone', 'gone'],
    ['refusing', 'gone'],
    ['refusing', 'refusing'],
  ] as const)('whose copies are %s and %s goes to the third at once', async ([own, n1]) => {
    const cluster = await CopiesCluster.of({ own, n1 });
    expect(await cluster.count()).toBe(0);
    expect([cluster.asked, cluster.sleeps]).toEqual([['own', 'n1', 'n2'], []]);
    expect(cluster.answered).toEqual([{ level: 'recent', replica: 'in-sync' }]);
  });

  test('does not meet a node that was found gone again at once', async () => {
    const cluster = await CopiesCluster.of({ own: 'gone', n1: 'gone' });
    await cluster.count();
    cluster.asked.length = 0;
    await cluster.count();
    expect(cluster.asked).toEqual(['n2']);
  });

  test.for([['gone'], ['silent']] as const)('goes to a copy whose Pod is being deleted when the others are %s', async ([manner]) => {
    const cluster = await CopiesCluster.of({ n1: manner, n2: manner });
    cluster.leave('own');
    const counted = cluster.count();
    await cluster.clock.advance(2_500);
    expect(await counted).toBe(0);
    expect([cluster.asked.at(-1), cluster.asked.length, cluster.sleeps]).toEqual(['own', 3, []]);
  });

  test('that has to wait says for what, without addresses', async () => {
    const cluster = await CopiesCluster.of({ own: 'gone', n1: 'gone', n2: 'refusing' });
    const told: string[] = [];
    const waitsFor = (because: string) => {
      told.push(because);
      for (const node of nodes) cluster.manners.set(node, 'well');
    };
    await readEveryShard({ ...cluster.call(), waitsFor }, (replica, level, signal) => replica.count({}, level, signal));
    expect(told).toEqual(['shard s: n2 answers: n2 refuses']);
  });

  test('sleeps only when all were asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('gone', 'refusing'), { minLength: 3, maxLength: 3 }),
        fc.nat(3),
        async (manners, rounds) => {
          const [own = 'gone', n1 = 'gone', n2 = 'gone'] = manners;
          const cluster = await CopiesCluster.of({ own, n1, n2 });
          const call = cluster.call();
          const { sleep } = call.coordination;
          const coordination = {
            ...call.coordination,
            sleep: async (ms: number, signal: AbortSignal) => {
              expect(cluster.asked.splice(0).toSorted()).toEqual([...nodes].toSorted());
              await sleep(ms, signal);
              if (cluster.sleeps.length > rounds) cluster.manners.set('n2', 'well');
            },
          };
          await readEveryShard({ ...call, coordination }, (replica, level, signal) => replica.count({}, level, signal));
          expect(cluster.sleeps).toHaveLength(rounds + 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is not sent to another copy for what each would refuse', async () => {
    const cluster = await CopiesCluster.of();
    cluster.shards.own.refusals.push(new BadInputError('never'));
    await expect(cluster.count()).rejects.toThrow('never');
    expect(cluster.asked).toEqual(['own']);
  });

  test.for([['linearizable'], ['recent']] as const)('that is %s goes to the copies that may answer it', async ([kind]) => {
    const cluster = await CopiesCluster.of({ own: 'gone' });
    cluster.promote('n2');
    await cluster.count({ kind });
    expect(cluster.asked).toEqual(kind === 'linearizable' ? ['own', 'n2'] : ['own', 'n1']);
  });
});

describe('a read of a copy that takes long', () => {
  test('is asked of one more after a while; the first to answer wins and the other is cancelled', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent' });
    const counted = cluster.count();
    await cluster.clock.advance(cluster.hedging.delayMs - 1);
    expect(cluster.asked).toEqual(['own']);
    await cluster.clock.advance(1);
    expect(await counted).toBe(0);
    expect([cluster.asked, cluster.cancelled, cluster.hedges]).toEqual([['own', 'n1'], ['own'], [true]]);
    expect(cluster.clock.waiting).toBe(0);
  });

  test('does without a hedge when those were many lately, but not when the node says nothing at all', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const counted = cluster.count();
    await cluster.clock.advance(950);
    expect(cluster.asked).toEqual(['own']);
    await cluster.clock.advance(150);
    expect(await counted).toBe(0);
    expect([cluster.asked, cluster.hedges]).toEqual([['own', 'n1'], []]);
  });

  test('waits for a node that answers others: it is busy, and more work would not help', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const leaving = new AbortController();
    const counted = cluster.count(undefined, leaving.signal);
    for (let second = 0; second < 30; second += 1) {
      await cluster.clock.advance(900);
      cluster.loads.began('own');
      cluster.loads.answered('own', 1);
    }
    expect(cluster.asked).toEqual(['own']);
    leaving.abort(new Error('time is over'));
    await expect(counted).rejects.toThrow('time is over');
  });

  test('reaches the third copy when the second says nothing either', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent', n1: 'silent' });
    const counted = cluster.count();
    await cluster.clock.advance(1_100);
    expect(await counted).toBe(0);
    expect(cluster.asked).toEqual(['own', 'n1', 'n2']);
  });

  test('gives each silent node its time, hedges or no hedges', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent', n1: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const counted = cluster.count();
    const askedAfter = async (ms: number) => {
      await cluster.clock.advance(ms);
      return [...cluster.asked];
    };
    expect(await askedAfter(1_150)).toEqual(['own', 'n1']);
    expect(await askedAfter(800)).toEqual(['own', 'n1']);
    expect(await askedAfter(200)).toEqual(['own', 'n1', 'n2']);
    expect(await counted).toBe(0);
  });

  test('does not stay with the silent one when those that refused would answer by now', async () => {
    const cluster = await CopiesCluster.of({ own: 'refusing', n1: 'refusing', n2: 'silent' });
    const counted = cluster.count();
    await cluster.clock.advance(1_000);
    expect(cluster.asked).toEqual(['own', 'n1', 'n2']);
    await cluster.clock.advance(300);
    expect(cluster.asked.slice(3).toSorted()).toEqual(['n1', 'own']);
    cluster.manners.set('n1', 'well');
    await cluster.clock.advance(500);
    expect(await counted).toBe(0);
  });

  test('waits for the only copy there is, however long it says nothing', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent' });
    const counted = cluster.count({ kind: 'linearizable' });
    const watched = Promise.race([counted, Promise.resolve('still waiting')]);
    await cluster.clock.advance(30_000);
    expect([await watched, cluster.asked, cluster.cancelled]).toEqual(['still waiting', ['own'], []]);
  });

  test('is asked elsewhere as soon as the hedge has failed and another copy is left', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent', n1: 'gone' });
    const counted = cluster.count();
    await cluster.clock.advance(1_100);
    expect(await counted).toBe(0);
    expect(cluster.asked).toEqual(['own', 'n1', 'n2']);
  });

  test('ends with its request', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent', n1: 'silent', n2: 'silent' });
    const leaving = new AbortController();
    const counted = cluster.count(undefined, leaving.signal);
    await cluster.clock.advance(5_000);
    leaving.abort(new Error('time is over'));
    await expect(counted).rejects.toThrow('time is over');
    expect([cluster.cancelled.toSorted(), cluster.clock.waiting]).toEqual([[...nodes].toSorted(), 0]);
  });
});

describe('what only the primary can say', () => {
  const doings: readonly (readonly [string, (cluster: CopiesCluster) => Promise<unknown>])[] = [
    ['a write', async (cluster) => await cluster.write()],
    ['a linearizable read', async (cluster) => await cluster.count({ kind: 'linearizable' })],
  ];

  test('a write goes to the next one as soon as that is known, though the old one says nothing', async () => {
    const cluster = await CopiesCluster.of({ n1: 'silent' });
    cluster.promote('n1');
    const done = cluster.write();
    await cluster.clock.advance(3_000);
    expect(cluster.asked).toEqual(['n1']);
    cluster.promote('n2');
    await cluster.clock.advance(100);
    await done;
    expect([cluster.asked, cluster.cancelled, cluster.sleeps]).toEqual([['n1', 'n2'], ['n1'], []]);
  });

  test('a linearizable read, which waits for its word, begins anew as soon as there is another', async () => {
    const cluster = await CopiesCluster.of({ own: 'silent', n1: 'silent' });
    cluster.promote('n1');
    const done = cluster.count({ kind: 'linearizable' });
    await cluster.clock.advance(3_000);
    expect(cluster.asked).toEqual(['own', 'n1']);
    cluster.promote('n2');
    cluster.manners.set('own', 'well');
    await cluster.clock.advance(100);
    await done;
    expect([cluster.asked, cluster.cancelled, cluster.sleeps]).toEqual([['own', 'n1', 'own'], ['own', 'n1'], []]);
  });

  test('a write that may have taken effect is not called refused afterwards', async () => {
    const cluster = await CopiesCluster.of();
    const full = new InsufficientStorageError('the disk is full');
    cluster.shards.own.refusals.push(new NodeUnreachableError('broke off'), full, new OverloadedError('too many writes wait', 1));
    await cluster.write();
    expect(cluster.sleeps).toHaveLength(3);
    cluster.shards.own.refusals.push(full);
    await expect(cluster.write()).rejects.toBe(full);
  });

  test('nor one whose primary was left without an answer', async () => {
    const cluster = await CopiesCluster.of({ n1: 'silent' });
    cluster.promote('n1');
    const written = cluster.write();
    await cluster.clock.advance(1_000);
    cluster.shards.n2.refusals.push(new OverloadedError('too many writes wait', 1));
    cluster.promote('n2');
    await cluster.clock.advance(100);
    await written;
    expect([cluster.asked, cluster.sleeps.length]).toEqual([['n1', 'n2', 'n2'], 1]);
  });

  test.for(doings)('%s is tried again where it was refused, under the same request id', async ([, doing]) => {
    const cluster = await CopiesCluster.of();
    cluster.shards.own.refusals.push(new NotPrimaryError('s', 1n), new NotPrimaryError('s', 2n));
    await doing(cluster);
    expect(cluster.sleeps).toHaveLength(2);
    expect(new Set(cluster.shards.own.requestIds).size).toBeLessThanOrEqual(1);
  });
});

describe('a session', () => {
  test('learns what its writes and reads saw, and asks each shard for that', async () => {
    const cluster = await CopiesCluster.of();
    const session = new Session();
    await cluster.count({ kind: 'session' }, undefined, session);
    expect([cluster.shards.own.readLevels.at(-1)?.kind, session.positions.size]).toEqual(['recent', 0]);
    await cluster.write();
    await cluster.count({ kind: 'recent' }, undefined, session);
    expect(session.positionIn('s')).toEqual({ epoch: 1n, sequence: 1n });
    await cluster.count({ kind: 'session' }, undefined, session);
    expect(cluster.shards.own.readLevels.at(-1)).toEqual({ kind: 'session', token: { epoch: 1n, sequence: 1n } } satisfies ReadLevel);
  });
});
