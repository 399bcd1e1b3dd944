/** `make chaos MINUTES= SEED= COPIES= SHARDS= ONLY=kill,pause`: exit code 1 when a promise was broken. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { faultKinds } from './fault.ts';
import { isBroken } from './report/report.ts';
import { tellReport } from './report/tell-report.ts';
import { runFaults } from './run-faults.ts';

const kinds = z.enum(faultKinds);
const orDefault = (value: unknown): unknown => (value === '' ? undefined : value);
const environment = z.object({
  MINUTES: z.preprocess(orDefault, z.coerce.number().positive().default(5)),
  SEED: z.preprocess(
    orDefault,
    z.coerce
      .number()
      .int()
      .default(Date.now() % 1_000_000),
  ),
  COPIES: z.preprocess(orDefault, z.coerce.number().int().min(1).max(3).default(3)),
  SHARDS: z.preprocess(orDefault, z.coerce.number().int().min(1).max(64).default(6)),
  ONLY: z.preprocess(orDefault, z.string().optional()),
});

const { MINUTES: minutes, SEED: seed, COPIES: copies, SHARDS: shards, ONLY } = environment.parse(process.env);
const folder = resolve('.cache/chaos', String(seed));
await mkdir(folder, { recursive: true });
const lines: string[] = [];
const terminal = process.stdout.isTTY;
const clearLine = terminal ? '\r\u001B[K' : '';

const enough = new AbortController();
const interruptedExitCode = 130;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Rules of the network are removed when the process exits, whatever else is left.
    if (enough.signal.aborted) process.exit(interruptedExitCode);
    process.stdout.write(`${clearLine}no more faults; checking what was done (once more to leave at once)\n`);
    enough.abort();
  });
}

const report = await runFaults({
  signal: enough.signal,
  seed,
  minutes,
  copies,
  shards,
  only: ONLY === undefined ? undefined : new Set(ONLY.split(',').map((kind) => kinds.parse(kind))),
  logFolder: join(folder, 'logs'),
  onLine: (text) => {
    lines.push(text);
    process.stdout.write(`${clearLine}${text}\n`);
  },
  ...(terminal && { onProgress: (text: string) => void process.stdout.write(`${clearLine}${text}`) }),
});
const words = tellReport(report);
process.stdout.write(`${clearLine}\n${words}\n\n`);
await writeFile(join(folder, 'report.json'), JSON.stringify(report, undefined, 2));
await writeFile(join(folder, 'report.txt'), `${lines.join('\n')}\n\n${words}\n`);
process.stdout.write(`report: ${folder}/report.json\n`);
if (isBroken(report)) process.exitCode = 1;
