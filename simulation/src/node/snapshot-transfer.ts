/** A snapshot on its way: made by the real reader there, checked and kept by the real receiver here; only the stream between is simulated. */
import { columnFamilies } from '@vectorcluster/engine/documents/documents.ts';
import type { ReplicaSurroundings } from '@vectorcluster/storage-node/membership/shard-host.ts';
import type { FetchedSnapshot } from '@vectorcluster/storage-node/snapshot/fetch-snapshot.ts';
import { formatVersion } from '@vectorcluster/storage-node/snapshot/part-format.ts';
import { ReceivedParts } from '@vectorcluster/storage-node/snapshot/received-parts.ts';
import { SnapshotRefusedError } from '@vectorcluster/storage-node/snapshot/snapshot-errors.ts';
import type { SnapshotPiece } from '@vectorcluster/storage-node/snapshot/snapshot-reader.ts';
import { remoteCall } from '../network/remote-call.ts';
import type { NodeProcessOptions } from './node-process.ts';
import { sha256AtOnce } from './sha256-at-once.ts';

type Place = Parameters<ReplicaSurroundings['fetchSnapshot']>[0];

export async function fetchSnapshotFrom({
  node,
  process,
  network,
  host,
  place,
  signal,
}: NodeProcessOptions & { readonly place: Place; readonly signal: AbortSignal }): Promise<FetchedSnapshot> {
  const { shard, from, receiver } = place;
  const parts = await ReceivedParts.open(host.volume.folder(shard, 'incoming'), sha256AtOnce);
  await parts.clear();
  const { position, pieces } = await remoteCall({
    network,
    process,
    from: node,
    to: place.node,
    name: 'snapshot',
    signal,
    handle: async (served) => {
      await using reader = await served.host.openSnapshot(shard, from);
      const pieces: SnapshotPiece[] = [];
      for await (const piece of reader.read(1)) pieces.push(piece.kind === 'data' ? { ...piece, bytes: Buffer.from(piece.bytes) } : piece);
      return { position: reader.position, pieces };
    },
  });
  await parts.begin({ format: formatVersion, shard, from, receiver, session: 'one', ...position, families: [...columnFamilies] });
  await store(parts, pieces);
  return { position, bytes: parts.bytes, parts };
}

async function store(parts: ReceivedParts, pieces: readonly SnapshotPiece[]): Promise<void> {
  let body: Buffer[] = [];
  for (const piece of pieces) {
    if (piece.kind === 'data') body.push(piece.bytes);
    else if (piece.kind === 'finished') return await parts.complete(piece.summary);
    else {
      await parts.add(piece.number, Buffer.concat(body), piece.sha256);
      body = [];
    }
  }
  throw new SnapshotRefusedError('summary', 'it has no end');
}
