import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileDisk } from './file-disk.ts';
import { openLog } from './node-log.ts';

type Acknowledged = readonly [replica: string, sequence: number, text: string];

/** Runs the writer on `folder` and kills it once it has told of `count` acknowledgements. */
async function writeAndKill(folder: string, life: number, count: number): Promise<readonly Acknowledged[]> {
  const writer = fork(new URL('./writer-process.ts', import.meta.url), [folder, String(life)]);
  const acknowledged: Acknowledged[] = [];
  writer.on('message', (message) => {
    const [replica, sequence, text] = typeof message === 'string' ? message.split('|') : [];
    acknowledged.push([replica ?? '', Number(sequence), text ?? '']);
    if (acknowledged.length === count) writer.kill('SIGKILL');
  });
  const [, signal] = await once(writer, 'close');
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}

test('what a killed writer was told is on the disk is there, in every life', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'log-'));
  try {
    const texts = new Map<string, string>();
    const lasts = new Map<string, number>();
    for (let life = 1; life <= 8; life += 1) {
      for (const [replica, sequence, text] of await writeAndKill(folder, life, 150 + life * 37)) {
        texts.set(`${replica} ${sequence}`, text);
        lasts.set(replica, sequence);
      }
      await using log = await openLog({ disk: await openFileDisk(folder), segmentBytes: 128 * 1024 });
      for (const [replica, last] of lasts) {
        const extent = log.extent(replica);
        expect(Number(extent.last)).toBeGreaterThanOrEqual(last);
        for await (const { sequence, requestId } of log.read(replica, extent.first)) {
          expect(texts.get(`${replica} ${sequence}`) ?? requestId).toBe(requestId);
        }
      }
      expect(log.extent('0'.repeat(32)).first).toBe(1n);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
