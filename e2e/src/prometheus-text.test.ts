import { expect, test } from 'vitest';
import { problemsOf } from './prometheus-text.ts';

const described = '# HELP a_total Told.\n# TYPE a_total counter\n';

test.for([
  ['a counter', `${described}a_total{by="x",to="y \\"z\\""} 3\n`, []],
  ['a number in words', `${described}a_total three\n`, ['a_total three: three is no number']],
  ['one sample twice', `${described}a_total 1\na_total 2\n`, ['a_total{} is there twice']],
  ['labels without quotes', `${described}a_total{by=x} 1\n`, ['a_total{by=x} 1: labels cannot be read from by=x']],
  ['no description', 'b 1\n', ['b is not described before it is used']],
  ['no help', '# HELP b \n# TYPE b gauge\nb 1\n', ['b has no help']],
  ['a counter by another name', '# HELP b Told.\n# TYPE b counter\nb 1\n', ['counter b does not end in _total']],
  ['milliseconds', '# HELP b_ms Told.\n# TYPE b_ms gauge\nb_ms 1\n', ['b_ms is not in base units']],
  ['a line cut short', `${described}a_total 1`, ['the last line has no end']],
] as const)('%s', ([, text, problems]) => {
  expect(problemsOf(text)).toEqual(problems);
});
