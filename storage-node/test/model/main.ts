/** `make model`: the whole table, to the bounds in CAP (states) and DEPTH (steps). */
import { kept, mutations } from './mutations.ts';
import { search } from './search.ts';

const states = Number(process.env['CAP'] ?? 300_000);
const depth = Number(process.env['DEPTH'] ?? Infinity);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const named = process.env['ONLY'] ?? '';
for (const { name, scenario } of kept.filter((each) => each.name.includes(named))) {
  const result = search(scenario, { states, depth });
  const verdict = result.harm ?? (result.isComplete ? 'holds, all seen' : 'holds as far as seen');
  print(`${name} | ${verdict} | ${result.states} states | depth ${result.depth}`);
  for (const line of result.story) print(`    ${line}`);
  if (result.harm !== undefined) process.exitCode = 1;
}
for (const { name, scenario } of mutations.filter((each) => each.name.includes(named))) {
  const result = search(scenario, { states, depth });
  print(`${name} | ${result.harm ?? 'NOT FOUND'} | ${result.states} states | depth ${result.depth}`);
  for (const line of result.story) print(`    ${line}`);
  if (result.harm === undefined) process.exitCode = 1;
}
