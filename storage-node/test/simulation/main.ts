/** Breaks each rule of the core alone and looks for the first seed that shows it; writes its table in docs/simulation.md. Exits with 1 when one was not found. */
import { readFile, writeFile } from 'node:fs/promises';
import { rules } from '../../src/replication/rules.ts';
import { mutations } from '../model/mutations.ts';
import { simulate } from './simulate.ts';

const seedsMost = 10_000;
const begin = '<!-- rules of the core: made by make simulate-mutations -->';
const end = '<!-- end of rules of the core -->';

const rows = mutations.filter(({ scenario }) => scenario.rules !== rules).map(({ name, scenario }) => rowOf(name, scenario.rules));
const table = ['| broken rule | found by | seeds |', '|---|---|---|', ...rows].join('\n');
const file = new URL('../../../docs/simulation.md', import.meta.url);
const text = await readFile(file, 'utf8');
const [before = ''] = text.split(begin);
await writeFile(file, `${before}${begin}\n\n${table}\n\n${end}${text.split(end).at(1) ?? ''}`);

function rowOf(name: string, broken: typeof rules): string {
  for (let seed = 1; seed <= seedsMost; seed += 1) {
    const { harm } = simulate({ seed, steps: 400, faults: 6, rules: broken });
    if (harm !== undefined) return told(`| ${name} | ${harm.slice(0, harm.indexOf(':'))} | ${seed} |`);
  }
  process.exitCode = 1;
  return told(`| ${name} | not found | ${seedsMost} |`);
}

function told(row: string): string {
  process.stdout.write(`${row}\n`);
  return row;
}
