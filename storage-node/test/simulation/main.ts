/** `make simulate`: SEED= the first seed, SEEDS= how many, STEPS= of each, FAULTS= of each kind. Every seed runs twice. */
import { simulate } from './simulate.ts';

const numberOf = (name: string, otherwise: number): number => Number(process.env[name] || otherwise);
const first = numberOf('SEED', 1);
const seeds = numberOf('SEEDS', process.env['SEED'] ? 1 : 500);
const steps = numberOf('STEPS', 400);
const faults = numberOf('FAULTS', 4);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
let acknowledged = 0;
let epochs = 0n;

for (let seed = first; seed < first + seeds; seed++) {
  const result = simulate({ seed, steps, faults });
  acknowledged += result.acknowledged;
  epochs += result.epoch;
  if (simulate({ seed, steps, faults }).traceHash !== result.traceHash) {
    print(`seed ${seed} took two ways`);
    process.exitCode = 1;
  }
  if (result.harm === undefined) continue;
  process.exitCode = 1;
  print(`seed ${seed}, step ${result.story.length}: ${result.harm}`);
  for (const line of result.story.slice(-30)) print(`    ${line}`);
  print(`repeat it: make simulate SEED=${seed} STEPS=${steps} FAULTS=${faults}`);
  break;
}
print(`${seeds} seeds, ${steps} steps each: ${acknowledged} writes acknowledged, ${epochs} epochs`);
