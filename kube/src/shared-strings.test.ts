import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedStrings } from './shared-strings.ts';

test('law: what is shared says what it said', () => {
  const strings = new SharedStrings();
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.stringify(strings.share(JSON.parse(text)))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});
