/** Shares seeds among processes, each of which tells what it finds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface JobsOptions {
  readonly jobs: number;
  readonly first: number;
  readonly seeds: number;
}

/** Resolves to the highest exit code. */
export async function runJobs({ jobs, first, seeds }: JobsOptions): Promise<number> {
  const share = Math.ceil(seeds / jobs);
  const codes = await Promise.all(
    Array.from({ length: jobs }, async (_, index) => {
      const from = first + index * share;
      const count = Math.min(share, first + seeds - from);
      if (count <= 0) return 0;
      const env = { ...process.env, JOBS: '1', SEED: String(from), SEEDS: String(count) };
      const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
        env,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      await once(child, 'exit');
      return child.exitCode ?? 1;
    }),
  );
  return Math.max(...codes);
}
