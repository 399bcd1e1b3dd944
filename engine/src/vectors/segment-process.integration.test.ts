import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

/** Starts more than it waits for: the thread's environment goes while the pool still works for it. */
const program = (module: string, ending: string) => `
  import(${JSON.stringify(module)}).then(async ({ createSegment }) => {
    const options = { dimension: 64, metric: 'cosine', capacity: 4000, connectivity: 16, expansionAdd: 128 };
    const segment = createSegment(options);
    segment.put(Uint32Array.from({ length: 4000 }, (_, i) => i), Float32Array.from({ length: 256000 }, (_, i) => Math.sin(i * i)));
    segment.index(4000);
    const allowed = new Uint32Array(125).fill(0xffffffff);
    const search = { vector: new Float32Array(64).fill(1), k: 5, expansion: 64, exact: true, allowed, allowedCount: 4000 };
    for (let i = 0; i < 200; i++) segment.search(search);
    await segment.search(search);
    ${ending}
  });`;

test.for([
  { name: 'exits', ending: 'process.exit(0);', code: 0 },
  { name: 'fails', ending: "throw new Error('on purpose');", code: 1 },
  { name: 'disposes and waits', ending: 'await segment.index(10); segment[Symbol.dispose]();', code: 0 },
])('a worker that $name while the pool works for it harms nobody', async ({ ending, code }) => {
  const module = new URL('native-segment.ts', import.meta.url).href;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(program(module, ending), { eval: true });
    // Without a listener the error of the worker would be one of this process.
    worker.on('error', () => undefined);
    expect(await new Promise((resolve) => worker.once('exit', resolve))).toBe(code);
  }
});
