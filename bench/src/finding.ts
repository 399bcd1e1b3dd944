/** What was seen beside what is wanted. */
import { printTable } from './table.ts';

export interface Finding {
  readonly what: string;
  readonly goal: string;
  readonly seen: string;
  readonly runs: number;
  /** Undefined where there is no goal. */
  readonly met: boolean | undefined;
}

export function printFindings(findings: readonly Finding[]): void {
  printTable(
    ['figure', 'goal', 'seen', 'runs', 'met'],
    findings.map(({ what, goal, seen, runs, met }) => [what, goal, seen, String(runs), met === undefined ? '' : met ? 'yes' : 'NO']),
  );
}
