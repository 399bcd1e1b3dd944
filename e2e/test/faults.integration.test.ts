/**
 * Promise: whatever fails, no acknowledged write is lost or undone, and no read shows less than its level promises. A minute of faults;
 * `make chaos MINUTES=60` goes on for longer.
 */
import { expect, test } from 'vitest';
import { runFaults } from '../src/faults/run-faults.ts';
import { tellReport } from '../src/faults/report/tell-report.ts';

const copies = Number(process.env['COPIES'] ?? 3);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const minutes = 0.75;

test(`a minute of faults (SEED=${seed})`, { timeout: 400_000 }, async () => {
  const lines: string[] = [];
  const onLine = (text: string): void => void lines.push(text);
  const report = await runFaults({ seed, minutes, copies, shards: 6, logFolder: `.cache/chaos/${seed}/logs`, onLine });
  process.stdout.write(`${[...lines, tellReport(report)].join('\n')}\n`);
  const { violations, crashes, notHealed } = report;
  expect({ violations, crashes, notHealed }).toEqual({ violations: [], crashes: [], notHealed: undefined });
  expect(report.checkedReads).toBeGreaterThan(100);
});
