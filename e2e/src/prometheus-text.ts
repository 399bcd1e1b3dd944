/** A strict reader of the Prometheus text format: says everything that is wrong with what a /metrics endpoint answers. */

const metricName = /^[a-z][a-z0-9_]*$/;
const sample = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const label = /^[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,|$)/;
const number = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i;
const types: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary']);
/** Units other than the base units that Prometheus asks for. */
const oddUnit = /_(ms|millis|milliseconds|us|ns|minutes|hours|kb|mb|gb|kilobytes|megabytes|percent)(_|$)/;

interface Family {
  readonly help: string;
  type?: string;
}

export function problemsOf(text: string): readonly string[] {
  const problems: string[] = [];
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  if (!text.endsWith('\n')) problems.push('the last line has no end');
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) problems.push(...describe(families, comment));
    else if (line.startsWith('#')) problems.push(`neither HELP nor TYPE: ${line}`);
    else problems.push(...problemsOfSample(families, seen, line));
  }
  for (const [name, { help, type }] of families) {
    if (help.trim() === '') problems.push(`${name} has no help`);
    if (type === undefined) problems.push(`${name} has no type`);
    else problems.push(...problemsOfName(name, type));
  }
  return problems;
}

function describe(families: Map<string, Family>, [, kind, name = '', rest = '']: RegExpExecArray): readonly string[] {
  const known = families.get(name);
  if (kind === 'HELP') {
    families.set(name, { help: rest });
    return known ? [`${name} is described twice`] : [];
  }
  if (!known) return [`${name} has a type before its help`];
  if (known.type !== undefined) return [`${name} has two types`];
  known.type = rest;
  return types.has(rest) ? [] : [`${name} has type ${rest}`];
}

function problemsOfSample(families: ReadonlyMap<string, Family>, seen: Set<string>, line: string): readonly string[] {
  const { name = '', labels = '', value = '' } = sample.exec(line)?.groups ?? {};
  if (name === '') return [`not a sample: ${line}`];
  const problems: string[] = [];
  if (!number.test(value)) problems.push(`${line}: ${value} is no number`);
  let rest = labels;
  while (rest !== '') {
    const found = label.exec(rest)?.[0];
    if (found === undefined) return [...problems, `${line}: labels cannot be read from ${rest}`];
    rest = rest.slice(found.length);
  }
  if (seen.has(`${name}{${labels}}`)) problems.push(`${name}{${labels}} is there twice`);
  seen.add(`${name}{${labels}}`);
  const base = name.replace(/_(bucket|sum|count)$/, '');
  const type = families.get(name)?.type ?? families.get(base)?.type;
  if (type === undefined) problems.push(`${name} is not described before it is used`);
  return problems;
}

function problemsOfName(name: string, type: string): readonly string[] {
  const problems: string[] = [];
  if (!metricName.test(name)) problems.push(`${name} is not in lower case with underscores`);
  if (type === 'counter' && !name.endsWith('_total')) problems.push(`counter ${name} does not end in _total`);
  if (type !== 'counter' && name.endsWith('_total') && !name.startsWith('nodejs_')) problems.push(`${type} ${name} ends in _total`);
  if (oddUnit.test(name)) problems.push(`${name} is not in base units`);
  return problems;
}
