import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { logCommand } from './log-histories.ts';
import { LogRun } from './log-run.ts';

const runs = Number(process.env['LOG_RUNS'] ?? 300);

const life = fc.record({
  commands: fc.array(logCommand, { maxLength: 40 }),
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
      fc.array(life, { minLength: 1, maxLength: 3 }),
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
    { numRuns: runs },
  );
  expect(seen.damaged).toBeGreaterThan(runs / 5);
  expect(seen.whole).toBeGreaterThan(seen.damaged);
}, 600_000);

test('whatever is done to the files of an open log, a check finds it and bars those who lost by it, and later again', async () => {
  const seen = { damaged: 0, found: 0 };
  const inPlace = damage.filter(({ kind }) => kind !== 'missing');
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 3 }), inPlace, fc.integer(), async (lives, each, seed) => {
      const run = new LogRun({ seed, segmentBytes: 2048, copyForwardBytes: 4096, checkpointBytes: 700 });
      for (const commands of lives) await run.live(commands);
      const { damaged, found } = await run.checkWhileOpen(() => apply(run, each));
      seen.damaged += damaged;
      seen.found += found;
      await run.verifyDamaged();
    }),
    { numRuns: runs },
  );
  expect(seen.damaged).toBeGreaterThan(runs / 10);
  expect(seen.found).toBeGreaterThan(runs / 2);
}, 600_000);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function apply(run: LogRun, each: Damage): void {
  const { disk } = run;
  const files = disk.paths;
  const path = files[Math.floor(each.file * files.length)] ?? '';
  const newest = path === files.at(-1);
  const at = Math.floor(each.at * disk.size(path));
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
