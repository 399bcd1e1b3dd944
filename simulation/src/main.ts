/** `make simulate`: SEED= the first seed, SEEDS= how many, STEPS= simulated seconds of trouble, FAULTS= in each. Every seed runs twice. */
import { loadXxh64 } from '@vectorcluster/storage-node/coordinator/xxh64.ts';
import { simulate } from './simulate.ts';

const numberOf = (name: string, otherwise: number): number => Number(process.env[name] || otherwise);
const first = numberOf('SEED', 1);
const seeds = numberOf('SEEDS', process.env['SEED'] ? 1 : 10);
const steps = numberOf('STEPS', 60);
const faults = numberOf('FAULTS', 20);
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const hash = await loadXxh64();
process.on('unhandledRejection', (error) => {
  print(`unhandled: ${error instanceof Error ? error.stack : String(error)}`);
  process.exit(1);
});

for (let seed = first; seed < first + seeds; seed++) {
  const began = performance.now();
  const result = await simulate({ seed, hash, steps, faults });
  const ms = performance.now() - began;
  const rate = Math.round((result.happened / ms) * 1000);
  print(
    `seed ${seed} ${result.traceHash} ${result.happened} events ${rate}/s, ${result.faults} faults, ${JSON.stringify(result.counts)}, ${(result.simulatedMs / 1000).toFixed(0)} s in ${(ms / 1000).toFixed(1)} s`,
  );
  if (result.harm !== undefined) {
    process.exitCode = 1;
    for (const line of result.story.slice(-40)) print(`    ${line}`);
    print(`repeat it: make simulate SEED=${seed} STEPS=${steps} FAULTS=${faults}`);
    break;
  }
}
