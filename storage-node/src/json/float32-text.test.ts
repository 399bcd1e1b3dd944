import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { float32ListText, shortestFloat32 } from './float32-text.ts';

test.for<[number, string]>([
  [0.1, '0.1'],
  [1 / 3, '0.33333334'],
  [1e-7, '1e-7'],
  [16777216, '16777216'],
  [1.17549435e-38, '1.1754944e-38'],
  [1e-45, '1e-45'],
  [-0.05, '-0.05'],
  [123456.79, '123456.79'],
  [9.905340518152491e-38, '9.90534e-38'],
])('%d as a 32-bit float prints as %s', ([value, text]) => {
  expect(String(shortestFloat32(Math.fround(value)))).toBe(text);
});

test('reads back as the same 32-bit float, in no more digits than any other text', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const shortest = shortestFloat32(value);
      expect(Math.fround(shortest)).toBe(value);
      if (Number.isInteger(value)) return;
      for (let digits = 1; digits < 9; digits += 1) {
        if (Math.fround(Number(value.toPrecision(digits))) !== value) continue;
        expect(Number(shortest.toPrecision(digits))).toBe(shortest);
        break;
      }
    }),
    { numRuns: 2000 },
  );
});

test('a vector prints as a JSON list', () => {
  expect(float32ListText(Float32Array.of(0.05, 1, -0.61))).toBe('[0.05,1,-0.61]');
});
