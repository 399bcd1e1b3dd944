import assert from 'node:assert/strict';
import type { LoadRecord } from './load-record.ts';

/** Throws AssertionError with what failed or is lost. */
export function expectNoFailure({ failures, lost }: LoadRecord): void {
  const [first] = failures;
  const words = first && `${first.request} failed in phase ${first.phase} after ${first.tookMs} ms: ${first.text}`;
  assert.equal(first, undefined, `${words}; ${failures.length} failures are kept`);
  assert.deepEqual(lost, [], 'every acknowledged point must be there');
}
