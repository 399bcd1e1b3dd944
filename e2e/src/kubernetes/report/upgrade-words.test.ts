import { expect, test } from 'vitest';
import type { LoadPhase } from '../load/load-record.ts';
import { upgradeWords } from './upgrade-words.ts';

const seen = (p99Ms: number, failed = 0) => ({ answered: 10, failed, p50Ms: 1, p99Ms, maxMs: 100 });
const phase = (name: string, writes: LoadPhase['writes'], reads: LoadPhase['reads']): LoadPhase => ({ name, seconds: 1, writes, reads });

test('the worst upgrade is compared with what was before it', () => {
  const phases = [
    phase('steady', seen(10), seen(4)),
    phase('to newer', seen(15), seen(4)),
    phase('to older', seen(12, 1), seen(6)),
    phase('steady again', seen(90), seen(90)),
  ];
  expect(upgradeWords({ phases, failures: [], acknowledged: 0, lost: [] }).trim()).toBe(
    '81 requests, 1 failed (goal: 0 of 100000); p99 during upgrades is 1.5 times for writes and 1.5 times for reads what it was before (goal: at most 2)',
  );
});
