/** What clients saw, in words. Pure. */
import type { LoadPhase, LoadRecord, Seen } from '../load/load-record.ts';

export function loadWords({ phases, acknowledged, lost }: LoadRecord): string[] {
  return [
    ...phases.filter(({ writes, reads }) => writes.answered + reads.answered > 0).map((phase) => `            ${phaseWords(phase)}`),
    `            ${acknowledged} points were acknowledged, ${lost.length === 0 ? 'and each is there' : `${lost.length} are lost`}`,
  ];
}

function phaseWords({ name, seconds, writes, reads }: LoadPhase): string {
  return `${name} (${seconds.toFixed(0)} s): ${seenWords('writes', writes)}; ${seenWords('reads', reads)}`;
}

function seenWords(what: string, { answered, failed, p50Ms, p99Ms, maxMs }: Seen): string {
  return `${answered} ${what}, ${failed} failed, p50 ${p50Ms} ms, p99 ${p99Ms} ms, longest ${maxMs} ms`;
}

/** How long writes that were under way or sent in the phases of that fault waited at most: the shards of the lost primary, too. */
export function pauseWords({ phases }: LoadRecord, fault: string): string {
  const pauses = phases.filter(({ name }) => name.startsWith(fault)).map(({ writes }) => writes.maxMs);
  return `            the longest wait of a write, by run: ${pauses.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ')} (goal: at most 5 s)`;
}
