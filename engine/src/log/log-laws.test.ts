import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogRun, type LogCommand } from './log-run.ts';

const replica = fc.integer({ min: 0, max: 3 });

const command = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      replica,
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.integer({ min: 0, max: 900 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), replica, back: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), replica }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), replica, keep: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'settle' as const }) },
);

const crashingLife = fc.record({
  commands: fc.array(command, { maxLength: 40 }),
  /** Disk operations until one fails; beyond the end, none does. */
  failsAt: fc.integer({ min: 0, max: 60 }),
  end: fc.constantFrom('close' as const, 'kill' as const, 'none' as const, 'all' as const, 'prefix' as const, 'subset' as const),
  flippedBits: fc.integer({ min: 0, max: 2 }),
  roomBytes: fc.oneof({ weight: 3, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12_000 }) }),
});

describe('histories with crashes', () => {
  test('after each reopen the log is what some prefix of the calls made it, and that prefix holds all that was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(crashingLife, { minLength: 1, maxLength: 5 }), fc.integer(), async (lives, seed) => {
        const run = new LogRun({ seed, segmentBytes: 2048, copyForwardBytes: 4096, checkpointBytes: 700 });
        for (const each of lives) await run.live(each);
        await expect(run.verify()).resolves.toBeUndefined();
      }),
      { numRuns: Number(process.env['LOG_RUNS'] ?? 600) },
    );
  }, 600_000);

  test('retention removes segments and copies what a slow replica still needs', async () => {
    const run = new LogRun({ seed: 7, segmentBytes: 2048, copyForwardBytes: 4096 });
    const slow = { kind: 'append', replica: 0, count: 2, bytes: 20 } as const;
    const busy = Array.from({ length: 60 }, () => [
      { kind: 'append', replica: 1, count: 2, bytes: 600 } as const,
      { kind: 'settle' } as const,
      { kind: 'release', replica: 1, keep: 0 } as const,
    ]).flat();
    await run.live({ commands: [slow, ...busy, { kind: 'settle' }], failsAt: Infinity, end: 'none', flippedBits: 0 });
    expect(run.counts.copied).toBeGreaterThan(0);
    expect(run.counts.removed).toBeGreaterThan(10);
    expect(run.diskBytes()).toBeLessThan(12_000);
    await run.verify();
  });
});

const damageRuns = Number(process.env['LOG_RUNS'] ?? 300);

const orderlyLife = fc.record({
  commands: fc.array(command, { maxLength: 40 }),
  failsAt: fc.constant(Infinity),
  end: fc.constantFrom('close' as const, 'kill' as const),
  flippedBits: fc.constant(0),
});

/** Places as parts of 1: which file, where in it. */
const place = { file: fc.double({ min: 0, max: 0.999, noNaN: true }), at: fc.double({ min: 0, max: 0.999, noNaN: true }) };
const damage = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('flip' as const), ...place, bit: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('overwrite' as const), ...place, bytes: fc.integer({ min: 2, max: 600 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unreadable' as const), ...place, bytes: fc.integer({ min: 1, max: 600 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('missing' as const), ...place }) },
);

test('whatever is done to the files of a closed log, each replica is exactly what it was or damaged, then and after restarts', async () => {
  const seen = { damaged: 0, whole: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(orderlyLife, { minLength: 1, maxLength: 3 }),
      fc.array(damage, { minLength: 1, maxLength: 2 }),
      fc.nat(12),
      fc.integer(),
      async (lives, damages, interruptedAt, seed) => {
        const run = new LogRun({ seed, segmentBytes: 2048, copyForwardBytes: 4096, checkpointBytes: 700 });
        for (const each of lives) await run.live(each);
        await run.live({ commands: [], failsAt: Infinity, end: 'close', flippedBits: 0 });
        for (const each of damages) apply(run, each);
        await run.startInterrupted(interruptedAt);
        const damaged = await run.verifyDamaged();
        seen.damaged += damaged.length;
        seen.whole += 4 - damaged.length;
        expect(await run.verifyDamaged()).toEqual(damaged);
        await run.dropAndGoOn();
        expect(await run.verifyDamaged()).toEqual([]);
      },
    ),
    { numRuns: damageRuns },
  );
  expect(seen.damaged).toBeGreaterThan(damageRuns / 5);
  expect(seen.whole).toBeGreaterThan(seen.damaged);
}, 600_000);

test('whatever is done to the files of an open log, a check finds it and bars those who lost by it, and later again', async () => {
  const seen = { damaged: 0, found: 0 };
  const inPlace = damage.filter(({ kind }) => kind !== 'missing');
  await fc.assert(
    fc.asyncProperty(fc.array(orderlyLife, { minLength: 1, maxLength: 3 }), inPlace, fc.integer(), async (lives, each, seed) => {
      const run = new LogRun({ seed, segmentBytes: 2048, copyForwardBytes: 4096, checkpointBytes: 700 });
      for (const commands of lives) await run.live(commands);
      let isInFirstExtents = false;
      const { damaged, found } = await run.checkWhileOpen(() => {
        const { isOldest, at } = placeOf(run, each);
        isInFirstExtents = isOldest && at < firstExtentsBytes;
        apply(run, each);
      });
      seen.damaged += damaged.length;
      seen.found += found;
      const later = (await run.verifyDamaged()).filter((replica) => !damaged.includes(replica));
      expect(isInFirstExtents || mayCostMoreLater(lives, each) ? [] : later).toEqual([]);
    }),
    { numRuns: damageRuns },
  );
  expect(seen.damaged).toBeGreaterThan(damageRuns / 10);
  expect(seen.found).toBeGreaterThan(damageRuns / 2);
}, 600_000);

/** Of the segment header, the frame header, and extents of four replicas: what the oldest file says of what there was before it. */
const firstExtentsBytes = 260;

/** Who reads by place can still read more than who replays: behind a truncation that is lost, and in a sector of which a byte cannot be read. */
function mayCostMoreLater(lives: readonly { readonly commands: readonly LogCommand[] }[], { kind }: Damage): boolean {
  return kind === 'unreadable' || lives.some(({ commands }) => commands.some((each) => each.kind === 'truncate'));
}

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function placeOf({ disk }: LogRun, { file, at }: Damage) {
  const files = disk.paths;
  const path = files[Math.floor(file * files.length)] ?? '';
  return { path, at: Math.floor(at * disk.size(path)), isOldest: path === files[0], newest: path === files.at(-1) };
}

function apply(run: LogRun, each: Damage): void {
  const { disk } = run;
  const { path, at, newest } = placeOf(run, each);
  switch (each.kind) {
    case 'flip':
      disk.damage(path, at, each.bit);
      return;
    case 'overwrite':
      // What wipes out the last frames of the newest file altogether cannot be told from a tail.
      if (newest) return;
      for (let offset = at; offset < Math.min(at + each.bytes, disk.size(path)); offset += 1) disk.damage(path, offset, (offset * 5) % 8);
      return;
    case 'unreadable':
      disk.makeUnreadable(path, at, at + each.bytes);
      return;
    case 'missing':
      if (!newest) disk.lose(path);
  }
}
