/**
 * Breaks each rule alone and looks for a seed that shows it; writes the table of docs/simulation.md. SEEDS= tried for each, STEPS=,
 * ONLY= part of a name. Exits with 1 when one was not found that the simulation of the core does not find either.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { loadXxh64 } from '@vectorcluster/storage-node/coordinator/xxh64.ts';
import { mutations } from './mutations.ts';
import { simulate } from './simulate.ts';

const { env, stdout } = process;
const seeds = Number(env['SEEDS'] || 60);
const steps = Number(env['STEPS'] || 30);
const begin = '<!-- mutations: made by make simulate-mutations -->';
const end = '<!-- end of mutations -->';
/** What shows them takes more moves in one order than chance makes in so few lives of whole clusters; those of the core take milliseconds. */
const foundByTheCore = new Set([
  'a lost reply is settled by a read of the old version',
  'messages of an older epoch are taken',
  'linearizable reads confirmed by a majority',
  'linearizable reads before the inherited log is committed',
]);
const hash = await loadXxh64();
const rows: string[] = [];

for (const mutation of mutations.filter(({ name }) => name.includes(env['ONLY'] ?? ''))) {
  let row: string | undefined;
  let events = 0;
  for (let seed = 1; seed <= seeds && row === undefined; seed += 1) {
    const { harm, happened } = await simulate({ seed, hash, steps, mutation });
    events += happened;
    // What the rules as they are do not stand either tells nothing of the broken one.
    if (harm !== undefined && (await simulate({ seed, hash, steps })).harm === undefined)
      row = `| ${mutation.name} | ${harm.invariant} | ${seed} | ${events} | \`SEED=${seed} STEPS=${steps} MUTATION='${mutation.name}'\` |`;
  }
  const isLeftToTheCore = foundByTheCore.has(mutation.name);
  if (row === undefined && !isLeftToTheCore) process.exitCode = 1;
  rows.push(row ?? `| ${mutation.name} | ${isLeftToTheCore ? 'the core alone, below' : 'not found'} | ${seeds} | ${events} | |`);
  stdout.write(`${rows.at(-1) ?? ''}\n`);
}

if (env['ONLY'] === undefined) {
  const file = new URL('../../docs/simulation.md', import.meta.url);
  const text = await readFile(file, 'utf8');
  const table = ['| broken rule | found by | seeds | events | repeat it with `make simulate` |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
  const [before = ''] = text.split(begin);
  const after = text.split(end).at(1) ?? '';
  await writeFile(file, `${before}${begin}\n\n${table}\n\n${end}${after}`);
}
