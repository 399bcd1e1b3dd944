/** `make e2e`: the smoke scenario on a real Kubernetes, told in words. Ends with 1 when a promise does not hold. */
import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';
import { CommandError } from './kubectl.ts';
import { smoke } from './smoke.ts';
import { Stages } from './stages.ts';
import { findTarget } from './target.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const images = ['operator', 'storage-node'].map((name) => new URL(`../../../.cache/images/${name}.tar`, import.meta.url));

try {
  await using target = await findTarget(process.env);
  say(`smoke, on ${target.words}`);
  const stages = new Stages(say);
  await stages.run('images are given to the nodes', () => target.loadImages(images));
  await smoke(stages, say);
  say(`${stages.total()}  in all: every promise held`);
} catch (error) {
  say(error instanceof CommandError || error instanceof AssertionError ? error.message : inspect(error));
  process.exitCode = 1;
}
