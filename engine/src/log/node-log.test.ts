import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logCommand } from './log-histories.ts';
import { LogRun } from './log-run.ts';

const life = fc.record({
  commands: fc.array(logCommand, { maxLength: 40 }),
  /** Disk operations until one fails; beyond the end, none does. */
  failsAt: fc.integer({ min: 0, max: 60 }),
  end: fc.constantFrom('close' as const, 'kill' as const, 'none' as const, 'all' as const, 'prefix' as const, 'subset' as const),
  flippedBits: fc.integer({ min: 0, max: 2 }),
  roomBytes: fc.oneof({ weight: 3, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12_000 }) }),
});

describe('histories with crashes', () => {
  test('after each reopen the log is what some prefix of the calls made it, and that prefix holds all that was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), fc.integer(), async (lives, seed) => {
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
