/** Every reason for being stuck, of which a story of the operator tells, has its place in docs/troubleshooting.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const stories = new URL('../../operator/src/plan/testdata/', import.meta.url);
const guide = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
const headings = guide.split('\n').filter((line) => line.startsWith('### '));
const reasons = readdirSync(stories)
  .filter((file) => file.endsWith('.golden'))
  .flatMap((file) => [...readFileSync(new URL(file, stories), 'utf8').matchAll(/Stalled True (\w+)/g)].map(([, reason = '']) => reason));

test.for([...new Set(reasons)])('%s', (reason) => {
  expect(headings.join('\n')).toMatch(new RegExp(`\\b${reason}\\b`));
});
