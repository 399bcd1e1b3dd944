import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerSecond, defaultPace, planPass, restMs, untilNextPassMs, type ScrubWorld } from './scrub-plan.ts';

const world: ScrubWorld = {
  logFiles: [
    { name: '1.log', bytes: 100 },
    { name: '2.log', bytes: 100 },
  ],
  documents: [{ shard: 's', replicaId: 'r', bytes: 100 }],
  savedFiles: [{ shard: 's', replicaId: 'r', path: 'f', bytes: 100 }],
};

function names(from: number): string {
  return planPass(world, from)
    .map((item) => (item.kind === 'log' ? item.name : item.kind))
    .join(' ');
}

describe('a pass', () => {
  test.for([
    [0, '1.log 2.log documents saved'],
    [0.26, '2.log documents saved 1.log'],
    [0.5, 'documents saved 1.log 2.log'],
    [0.99, 'saved 1.log 2.log documents'],
  ] as const)('from %s on: %s', ([from, expected]) => {
    expect(names(from)).toBe(expected);
  });

  test('holds everything once, wherever it begins', () => {
    const sizes = fc.array(fc.nat(1000), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 0.999, noNaN: true }), (bytes, from) => {
        const logFiles = bytes.map((each, index) => ({ name: `${index}`, bytes: each }));
        const items = planPass({ logFiles, documents: [], savedFiles: [] }, from);
        expect(new Set(items.map((item) => (item.kind === 'log' ? item.name : '')))).toEqual(new Set(logFiles.map(({ name }) => name)));
        expect(items).toHaveLength(logFiles.length);
      }),
    );
  });
});

describe('the pace', () => {
  const gibibyte = 1024 ** 3;

  test.for([
    { total: 1000, expected: 256 * 1024 },
    { total: 86_400 * 1024 * 1024, expected: 1024 * 1024 },
    { total: 100_000 * gibibyte, expected: 32 * 1024 * 1024 },
  ])('$total bytes are read at $expected bytes a second', ({ total, expected }) => {
    expect(bytesPerSecond(total, defaultPace)).toBe(expected);
  });

  test('a step that took long rests less, and a pass that was short waits for its day', () => {
    expect(restMs({ bytes: 500, tookMs: 100 }, 1000)).toBe(400);
    expect(restMs({ bytes: 500, tookMs: 600 }, 1000)).toBe(0);
    expect(untilNextPassMs({ tookMs: 1000 }, { ...defaultPace, passMs: 5000 })).toBe(4000);
    expect(untilNextPassMs({ tookMs: 9000 }, { ...defaultPace, passMs: 5000 })).toBe(0);
  });
});
