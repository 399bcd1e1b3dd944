/** `make e2e` and `make e2e-all`: scenarios on a real Kubernetes, told in words. Ends with 1 when a promise does not hold. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadImages, loadOtherImages } from './images.ts';
import { CommandError } from './kubectl.ts';
import { play } from './play.ts';
import { junitXml } from './report/junit.ts';
import { outcomeWords, type Outcome } from './report/outcome.ts';
import { scenarios } from './scenarios.ts';
import { Stages } from './stages.ts';
import { findTarget } from './target.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const report = fileURLToPath(new URL('../../../.cache/e2e/junit.xml', import.meta.url));

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  say(error.message);
  process.exitCode = 1;
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { requests: { type: 'string', default: '1000' }, runs: { type: 'string', default: '1' } },
  });
  const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  if (chosen.length === 0) throw new CommandError(`no such scenario; there are ${scenarios.map(({ name }) => name).join(', ')}`);
  await using target = await findTarget(process.env);
  say(`on ${target.words}`);
  await new Stages(say).run('images are given to the machines', async () => {
    await loadImages(target);
    if (chosen.some(({ needs }) => needs.includes('loadImage'))) await loadOtherImages(target);
  });
  const outcomes: Outcome[] = [];
  for (const scenario of chosen)
    outcomes.push(await play(scenario, { target, say, requests: Number(values.requests), runs: Number(values.runs) }));
  await mkdir(dirname(report), { recursive: true });
  await writeFile(report, junitXml(outcomes));
  outcomeWords(outcomes).forEach(say);
  return outcomes.every(({ kind }) => kind !== 'broken');
}
