/**
 * kill -9 at random moments of installations: the next process finds nothing of the replica, or all of the snapshot.
 *
 * KILL_CYCLES=100 KILL_SEED=7 vitest run --project integration storage-node/src/snapshot/install-kill
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryDocuments } from '@vectorcluster/engine/documents/memory-documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import type { Found, InstallMessage } from '../../test/snapshot-install-process.ts';
import { ReceivedParts } from './received-parts.ts';
import { applyAll, fetchedFrom, loadState, logOf, sourceId } from './state-fixture.ts';
import { stateHash } from './state-hash.ts';

const cycles = Number(process.env['KILL_CYCLES'] ?? 5);
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const installer = fileURLToPath(new URL('../../test/snapshot-install-process.ts', import.meta.url));
const killAfterMsMax = 150;

const log = logOf(
  Array.from({ length: 100 }, (_, x) => ({
    draft: { kind: 'upsert', points: Array.from({ length: 20 }, (__, y) => ({ id: BigInt(x * 20 + y), x, titled: true })) },
    newEpoch: false,
  })),
);

/** What a process found, which was then killed while it installed, or right after. */
async function live(folder: string, snapshot: string, killAt: 'installing' | 'installed', lifeMs: number): Promise<Found> {
  const child = fork(installer, [folder, snapshot], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const found: Found[] = [];
  let isDoomed = false;
  child.on('message', (message: InstallMessage) => {
    if (message.kind === 'found') found.push(message);
    if (message.kind === 'installed' && killAt === 'installing') child.send('again', () => {}); // it may be dead by now
    if (message.kind !== killAt || isDoomed) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), lifeMs);
  });
  const disconnected = once(child, 'disconnect');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await disconnected;
  const [first] = found;
  if (!first) throw new Error('the process found nothing');
  return first;
}

test(`no mixture is found in ${cycles} kills (KILL_SEED=${seed})`, { timeout: 60_000 + cycles * 10_000 }, async () => {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'snapshot-kill-'));
  try {
    const snapshot = join(folder, 'snapshot');
    const data = join(folder, 'data');
    await mkdir(snapshot);
    await mkdir(data);
    const documents = new MemoryDocuments();
    await applyAll(await loadState(documents, sourceId), log, 10);
    await fetchedFrom(documents, sourceId, await ReceivedParts.open(await openFileDisk(snapshot)));
    const whole = await stateHash(documents, sourceId);
    const seen = { nothing: 0, whole: 0 };
    for (let cycle = 0; cycle <= cycles; cycle += 1) {
      const isAfter = cycle % 3 === 1;
      const found = await live(data, snapshot, isAfter ? 'installed' : 'installing', isAfter ? 0 : random() * killAfterMsMax);
      const isWhole = found.hash === whole;
      const expected = isWhole ? { begins: '100' } : { rows: 0, begins: 'nowhere' };
      expect(found).toMatchObject(expected);
      seen[isWhole ? 'whole' : 'nothing'] += 1;
    }
    expect(Math.min(seen.nothing, seen.whole)).toBeGreaterThan(0);
    process.stdout.write(`${cycles} kills: ${seen.nothing} times nothing, ${seen.whole} times the whole snapshot\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
