import assert from 'node:assert/strict';
import { openFileDisk } from './file-disk.ts';
import { openLog } from './node-log.ts';

/** A process that appends to the log in the folder it is given until it is killed, and tells its parent of each acknowledgement. For tests. */
const [, , folder, lifeText] = process.argv;
assert(folder !== undefined && lifeText !== undefined && process.send !== undefined);
const tell = process.send.bind(process);
const log = await openLog({ disk: await openFileDisk(folder), segmentBytes: 128 * 1024, copyForwardBytes: 256 * 1024 });

async function write(writer: number): Promise<never> {
  const replica = writer.toString(16).padStart(32, '0');
  for (let sequence = log.extent(replica).last + 1n; ; sequence += 1n) {
    const text = `life ${lifeText} entry ${sequence} `;
    await log.append([
      { replica, epoch: BigInt(lifeText ?? 0), sequence, requestId: text, operation: Buffer.alloc(200 + writer * 500, text) },
    ]);
    tell(`${replica}|${sequence}|${text}`);
    if (writer > 0 && sequence % 50n === 0n) log.releaseUpTo(replica, sequence - 10n);
  }
}

await Promise.all([0, 1, 2, 3].map(write));
