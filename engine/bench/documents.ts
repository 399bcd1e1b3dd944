import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRocksDocuments } from '../src/documents/rocks-documents.ts';

/** Cost of batched and single writes and reads of 700-byte documents. */
const count = 20_000;
const value = Buffer.alloc(700, 'document');
const keys = Array.from({ length: count }, (_, index) => Buffer.from(((index * 7919) % count).toString().padStart(8, '0')));

async function measure(name: string, rows: number, act: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await act();
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const cost = (used.user + used.system) / rows;
  process.stdout.write(
    `${name.padEnd(24)} ${(rows / seconds).toFixed(0).padStart(8)} rows/s ${cost.toFixed(1).padStart(6)} µs of CPU a row\n`,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'documents-bench-'));
try {
  await using documents = await openRocksDocuments(join(folder, 'documents'));
  for (const size of [100, 10, 1]) {
    const rows = size === 1 ? 3000 : count;
    await measure(`put, batches of ${size}`, rows, async () => {
      for (let at = 0; at < rows; at += size) {
        await documents.write(keys.slice(at, at + size).map((key) => ({ kind: 'put', family: 'points', key, value })));
      }
    });
  }
  await documents.flush();
  for (const size of [100, 10, 1]) {
    const rows = size === 1 ? 3000 : count;
    await measure(`get, batches of ${size}`, rows, async () => {
      for (let at = 0; at < rows; at += size) await documents.get('points', keys.slice(at, at + size));
    });
  }
  const range = { from: Buffer.alloc(0), to: Buffer.from([0xff]) };
  await measure('iterate', count, async () => {
    let found = 0;
    for await (const _ of documents.iterate('points', range)) found += 1;
    if (found !== count) throw new Error(`found ${found} rows`);
  });
  await measure('pack', count, async () => {
    await using view = documents.snapshot();
    const { rows } = await view.pack('points', range, { into: Buffer.alloc(800 * count), omitted: 0, limit: count });
    if (rows !== count) throw new Error(`packed ${rows} rows`);
  });
} finally {
  await rm(folder, { recursive: true });
}
