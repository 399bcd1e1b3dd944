/**
 * A process that opens one replica, tells what it finds, and then installs a snapshot in it, again whenever it is told to, until it
 * is killed.
 * Arguments: data directory, folder with the parts of a snapshot.
 */
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { makeFolderDurably } from '../src/replica-host/durable-file.ts';
import { DocumentKeys } from '../src/shard/document-keys.ts';
import { emptyUnfinished, installedPosition, installSnapshot, installTarget } from '../src/snapshot/install-snapshot.ts';
import { ReceivedParts } from '../src/snapshot/received-parts.ts';
import { receiverId } from '../src/snapshot/state-fixture.ts';
import { stateHash } from '../src/snapshot/state-hash.ts';

export interface Found {
  readonly kind: 'found';
  readonly hash: string;
  readonly rows: number;
  /** Sequence behind which its log begins, in digits, or nowhere. */
  readonly begins: string;
}
export type InstallMessage = Found | { readonly kind: 'installing' | 'installed' };

async function run(folder: string, snapshot: string): Promise<void> {
  await makeFolderDurably(join(folder, 'log'));
  const documents = await openRocksDocuments(join(folder, 'documents'));
  const log = await openLog({ disk: await openFileDisk(join(folder, 'log')) });
  const target = await installTarget({ documents, log, replicaId: receiverId, folder });
  await emptyUnfinished(target);
  let rows = 0;
  for (const family of ['ids', 'points', 'vectors', 'meta'] as const) {
    for await (const _ of documents.iterate(family, new DocumentKeys(receiverId).all)) rows += 1;
  }
  const begins = (await installedPosition(target.folder))?.sequence.toString() ?? 'nowhere';
  process.send?.({ kind: 'found', hash: await stateHash(documents, receiverId), rows, begins } satisfies Found);
  for (;;) {
    await rm(join(folder, 'parts'), { recursive: true, force: true });
    await cp(snapshot, join(folder, 'parts'), { recursive: true });
    const parts = await ReceivedParts.open(await openFileDisk(join(folder, 'parts')));
    if (!parts.position) throw new Error('there is no snapshot');
    process.send?.({ kind: 'installing' } satisfies InstallMessage);
    await installSnapshot({ parts, position: parts.position, bytes: parts.bytes }, target);
    const again = once(process, 'message');
    process.send?.({ kind: 'installed' } satisfies InstallMessage);
    await again;
  }
}

const [, , folder, snapshot] = process.argv;
if (process.send && folder !== undefined && snapshot !== undefined) await run(folder, snapshot);
