import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import { DataDirectory } from './data-directory.ts';
import { deleteStrangers } from './replica-deletion.ts';

const dropped = 'dd'.repeat(16);
const kept = 'ee'.repeat(16);

test('a replica whose dropping was lost to damage does not keep the node from starting, and goes; one that is whole does', async () => {
  const path = await mkdtemp(join(tmpdir(), 'deletion-'));
  try {
    const directory = await DataDirectory.open(path, { namespace: 'shop', cluster: 'shop', clusterUid: 'uid-of-shop' });
    await using documents = new MemoryDocuments();
    const disk = new MemoryDisk({ random: seededRandom(1) });
    const log = await openLog({ disk: disk.mount() });
    for (const replica of [dropped, kept]) await log.append([{ replica, epoch: 1n, sequence: 1n, requestId: '', operation: Buffer.of(1) }]);
    await expect(deleteStrangers({ directory, log, documents, kept: [kept] })).rejects.toThrow(/has lost the folders of 1 replicas/);
    const at = disk.size('000000000001.log');
    await log.drop(dropped);
    await log.append([{ replica: kept, epoch: 1n, sequence: 2n, requestId: '', operation: Buffer.of(2) }]);
    disk.kill();
    disk.damage('000000000001.log', at + 30, 0);
    await using reopened = await openLog({ disk: disk.mount(), formatted: [kept] });
    expect([...reopened.damaged.keys()]).toEqual([dropped]);
    await deleteStrangers({ directory, log: reopened, documents, kept: [kept] });
    expect(reopened.replicas).toEqual([kept]);
  } finally {
    await rm(path, { recursive: true });
  }
});
