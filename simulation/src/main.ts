/**
 * `make simulate`: SEED= the first seed, SEEDS= how many, STEPS= simulated seconds of trouble, FAULTS= how many in them (each life draws its
 * own density when left out), JOBS= processes. KEEP= numbers of the only faults that are to be, MUTATION= a rule that is broken. Every seed
 * runs twice and must go the same way; every tenth with TWICE=10.
 */
import { loadXxh64 } from '@vectorcluster/storage-node/coordinator/xxh64.ts';
import { mutationNamed } from './mutations.ts';
import { ProgressLine } from './progress-line.ts';
import { shrink } from './shrink.ts';
import { simulate, type SimulationOptions, type SimulationResult } from './simulate.ts';
import { runJobs } from './jobs.ts';

const { env, stdout } = process;
const numberOf = (name: string, otherwise: number): number => Number(env[name] || otherwise);
const first = numberOf('SEED', 1);
const seeds = numberOf('SEEDS', env['SEED'] ? 1 : 20);
const steps = numberOf('STEPS', 60);
const faults = env['FAULTS'] ? Number(env['FAULTS']) : undefined;
const twice = numberOf('TWICE', 1);
const jobs = numberOf('JOBS', 1);
const keep = env['KEEP'] ? new Set(env['KEEP'].split(',').map(Number)) : undefined;
const mutation = mutationNamed(env['MUTATION']);
const triesMost = numberOf('SHRINK', 40);
const print = (line: string): boolean => stdout.write(`${line}\n`);

async function tell(options: SimulationOptions, found: SimulationResult): Promise<void> {
  print(`seed ${options.seed}: ${found.story.at(-1)}`);
  const { kept, result } = await shrink(options, found, triesMost);
  print(`with ${kept.length} of ${found.began.length} faults:`);
  for (const line of result.story) print(`  ${line}`);
  const broken = env['MUTATION'] ? ` MUTATION='${env['MUTATION']}'` : '';
  print(
    `repeat it: make simulate SEED=${options.seed} STEPS=${steps}${faults === undefined ? '' : ` FAULTS=${faults}`} KEEP=${kept.join(',')}${broken}`,
  );
}

async function runSeeds(): Promise<void> {
  const hash = await loadXxh64();
  const began = performance.now();
  const progress = new ProgressLine(stdout, seeds);
  const kinds = new Map<string, number>();
  let [events, injected, written, read, failed] = [0, 0, 0, 0, 0];
  for (let seed = first; seed < first + seeds; seed += 1) {
    const options = { seed, hash, steps, faults, keep, mutation };
    const result = await simulate(options);
    events += result.happened;
    injected += result.began.length;
    for (const [kind, count] of result.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    written += result.counts.written;
    read += result.counts.read;
    const seconds = (performance.now() - began) / 1000;
    progress.show(seed - first + 1, `${injected} faults, ${Math.round(events / seconds)} events/s`);
    if (result.harm !== undefined) {
      failed += 1;
      progress.clear();
      await tell(options, result);
    } else if (seed % twice === 0 || seeds === 1) {
      const again = await simulate(options);
      if (again.traceHash !== result.traceHash) {
        failed += 1;
        print(`seed ${seed} went two ways: ${result.traceHash} and ${again.traceHash}`);
      }
    }
  }
  progress.clear();
  const seconds = (performance.now() - began) / 1000;
  print(
    `${seeds} seeds from ${first}: ${failed} failed; ${injected} faults, ${events} events, ${written} writes and ${read} reads in ${seconds.toFixed(0)} s (${(seeds / seconds).toFixed(2)} seeds/s, ${Math.round(events / seconds)} events/s)`,
  );
  print(`faults: ${Array.from(kinds, ([kind, count]) => `${count} ${kind}`).join(', ')}`);
  if (failed > 0) process.exitCode = 1;
}

if (jobs > 1) process.exitCode = await runJobs({ jobs, first, seeds });
else await runSeeds();
