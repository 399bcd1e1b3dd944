/** The figures of an upgrade beside their goals, in words. Pure. */
import type { LoadRecord, Seen } from '../load/load-record.ts';

/** Phases whose names begin so are compared with the one called steady. */
export const upgradePhase = 'to ';

export function upgradeWords({ phases }: LoadRecord): string {
  const steady = phases.find(({ name }) => name === 'steady');
  const upgrades = phases.filter(({ name }) => name.startsWith(upgradePhase));
  const times = (of: (phase: (typeof phases)[number]) => Seen) => {
    const worstMs = Math.max(0, ...upgrades.map((phase) => of(phase).p99Ms));
    return (worstMs / (steady === undefined ? Number.NaN : of(steady).p99Ms)).toFixed(1);
  };
  const both = phases.flatMap(({ writes, reads }) => [writes, reads]);
  const failed = both.reduce((sum, seen) => sum + seen.failed, 0);
  const sent = both.reduce((sum, seen) => sum + seen.answered, failed);
  const ratios = `${times(({ writes }) => writes)} times for writes and ${times(({ reads }) => reads)} times for reads`;
  return `            ${sent} requests, ${failed} failed (goal: 0 of 100000); p99 during upgrades is ${ratios} what it was before (goal: at most 2)`;
}
