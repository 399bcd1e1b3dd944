/** The outcomes as other programs read them. */
import { create } from 'xmlbuilder2';
import type { Outcome } from './outcome.ts';

export function junitXml(outcomes: readonly Outcome[]): string {
  const count = (kind: Outcome['kind']) => outcomes.filter((each) => each.kind === kind).length;
  const suite = { '@name': 'e2e', '@tests': outcomes.length, '@failures': count('broken'), '@skipped': count('skipped') };
  return create({ version: '1.0', encoding: 'UTF-8' }, { testsuites: { testsuite: { ...suite, testcase: outcomes.map(testCase) } } }).end({
    prettyPrint: true,
  });
}

function testCase({ scenario, kind, seconds, because }: Outcome) {
  return {
    '@classname': 'e2e',
    '@name': `${scenario.name}: ${scenario.promise}`,
    '@time': seconds.toFixed(1),
    ...(kind === 'broken' && { failure: because }),
    ...(kind === 'skipped' && { skipped: { '@message': because } }),
  };
}
