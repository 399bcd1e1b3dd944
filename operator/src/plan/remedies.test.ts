/** What waits for a person says what the person can do: in every story that is told. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('testdata/', import.meta.url);
const stalled = readdirSync(folder)
  .filter((file) => file.endsWith('.golden'))
  .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(/Stalled True .*/g) ?? []);
const told = [...new Set(stalled)].map((text) => [/^Stalled True (\w+): (.*)$/.exec(text) ?? [], text] as const);
const remedy = /[;:,] (then |or )?(see|set|put|add|take|lower|raise|delete|bring|choose|label|have) /;

test.for(told.map(([[, reason = '', message = '']]) => [reason, message] as const))('%s', ([, message]) => {
  expect(message).toMatch(remedy);
});

test('there are stories of being stuck', () => {
  expect(told.length).toBeGreaterThan(5);
});

test('a message without one would be found', () => {
  expect('shop-data-0 does not become Ready: it is broken').not.toMatch(remedy);
});
