import type { Scenario } from '../scenario.ts';

/** How a scenario ended. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly kind: 'held' | 'broken' | 'skipped';
  readonly seconds: number;
  /** Empty when it held. */
  readonly because: string;
}

/** One line for each, and one for all. */
export function outcomeWords(outcomes: readonly Outcome[]): string[] {
  const count = (kind: Outcome['kind']) => outcomes.filter((each) => each.kind === kind).length;
  return [
    '',
    ...outcomes.map(({ scenario, kind, seconds, because }) => {
      const [why = ''] = because.split('\n');
      return `${kind.padEnd(7)} ${seconds.toFixed(0).padStart(5)} s  ${scenario.name}: ${scenario.promise}${why === '' ? '' : ` (${why})`}`;
    }),
    `${count('held')} promises held, ${count('broken')} were broken, ${count('skipped')} could not be tried here`,
  ];
}
