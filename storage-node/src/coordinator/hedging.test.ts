import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hedging } from './hedging.ts';

test('the delay is what 95 of 100 recent reads stay below', () => {
  const hedging = new Hedging();
  expect(hedging.delayMs).toBe(50);
  for (let read = 0; read < 320; read += 1) hedging.answered(read % 20 === 0 ? 400 : 10 + (read % 20) / 10);
  expect(hedging.delayMs).toBeGreaterThan(11);
  expect(hedging.delayMs).toBeLessThanOrEqual(400);
  for (let read = 0; read < 640; read += 1) hedging.answered(read % 25 === 0 ? 400 : 10);
  expect(hedging.delayMs).toBe(10);
});

test.for([
  [0.1, 2],
  [60_000, 500],
] as const)('reads of %d ms: hedged after %d', ([tookMs, delayMs]) => {
  const hedging = new Hedging();
  for (let read = 0; read < 64; read += 1) hedging.answered(tookMs);
  expect(hedging.delayMs).toBe(delayMs);
});

test('hedges are 5 of 100 reads, and what a quiet time has saved', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ reads: fc.nat(500), wanted: fc.nat(100) })), (turns) => {
      const hedging = new Hedging();
      let [reads, hedges] = [0, 0];
      for (const turn of turns) {
        for (let read = 0; read < turn.reads; read += 1) hedging.answered(1);
        let inARow = 0;
        for (let wanted = 0; wanted < turn.wanted; wanted += 1) if (hedging.take()) inARow += 1;
        reads += turn.reads;
        hedges += inARow;
        expect(inARow).toBeLessThanOrEqual(50);
        expect(hedges).toBeLessThanOrEqual(10 + reads * 0.05 + 1e-6);
      }
    }),
  );
});
