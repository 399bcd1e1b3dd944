/** Prints a Pod's log from its file. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import type { StateFolder } from '../state-folder.ts';

export async function logs(state: StateFolder, pod: string | undefined, options: { readonly follow: boolean }): Promise<void> {
  const root = state.in('logs');
  const files = (await readdir(root, { recursive: true }).catch(() => [])).filter((file) => file.endsWith('.log')).toSorted();
  if (pod === undefined) {
    process.stdout.write(
      files.length === 0 ? 'There are no logs yet.\n' : `${files.map((file) => file.split('/').slice(-2, -1)[0]).join('\n')}\n`,
    );
    return;
  }
  const file = files.find((each) => each.split('/').includes(pod));
  if (file === undefined) throw new Error(`there is no log of a Pod ${pod}; "vectorcluster logs" lists them`);
  const path = `${root}/${file}`;
  let from = 0;
  do {
    const { size } = await stat(path);
    if (size > from) await pipeline(createReadStream(path, { start: from, end: size - 1 }), process.stdout, { end: false });
    from = size;
    if (options.follow) await sleep(200);
  } while (options.follow);
}
