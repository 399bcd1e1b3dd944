/** Prints a Pod's log from its file. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import type { StateFolder } from '../state-folder.ts';

const pollMs = 200;

export async function logs(state: StateFolder, pod: string | undefined, options: { readonly follow: boolean }): Promise<void> {
  const root = state.in('logs');
  // namespace/pod/container.log
  const files = (await readdir(root, { recursive: true }).catch(() => [])).filter((file) => file.endsWith('.log')).toSorted();
  const pods = files.map((file) => file.split('/')[1] ?? '');
  if (files.length === 0) throw new Error(`no Pod has run in ${state.path} yet; start a cluster with "vectorcluster up"`);
  if (pod === undefined) {
    process.stdout.write(`${pods.join('\n')}\n`);
    return;
  }
  const file = files[pods.indexOf(pod)];
  if (file === undefined) throw new Error(`there is no log of a Pod ${pod}; there are ${pods.join(', ')}`);
  await print(join(root, file), options.follow);
}

async function print(path: string, follow: boolean): Promise<void> {
  let from = await printFrom(path, 0);
  if (!follow) return;
  for (;;) {
    await sleep(pollMs);
    from = await printFrom(path, from);
  }
}

/** Returns where to go on. */
async function printFrom(path: string, printed: number): Promise<number> {
  const { size } = await stat(path);
  // A log that grew too long was put aside, and a new one begun.
  const start = size < printed ? 0 : printed;
  if (size > start) await pipeline(createReadStream(path, { start, end: size - 1 }), process.stdout, { end: false });
  return size;
}
