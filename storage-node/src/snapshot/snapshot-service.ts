/** Gives snapshots of this node's replicas to the other nodes of its cluster. */
import type { Writable } from 'node:stream';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { status, type Server, type ServerWritableStream } from '@grpc/grpc-js';
import { columnFamilies } from '@vectorcluster/engine/documents/documents.ts';
import { serviceDefinition } from '@vectorcluster/proto/grpc-adapter.ts';
import {
  SnapshotService,
  type SnapshotRefusedSchema,
  type ReadSnapshotRequest,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { foreignIdentity, type ClusterIdentity } from '../peer/cluster-identity.ts';
import type { SnapshotMetrics } from './metrics.ts';
import type { Pacer } from './pacer.ts';
import { formatVersion } from './part-format.ts';
import { releaseSent, responseSerializer, type Answer } from './response-codec.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import type { SnapshotPiece } from './snapshot-reader.ts';
import type { SessionLease, SessionRefusal, SessionRequest, SnapshotSessions } from './snapshot-sessions.ts';

export interface SnapshotServiceOptions {
  readonly identity: ClusterIdentity;
  readonly sessions: SnapshotSessions;
  readonly metrics: SnapshotMetrics;
  readonly pacer: Pick<Pacer, 'pass'>;
  /** A receiver that takes nothing for this long is gone; it may come back for the same snapshot. */
  readonly stallMs: number;
  /** What should not have happened. */
  readonly onBug: (error: unknown, method: string) => void;
}

type Refusal = NonNullable<MessageInitShape<typeof SnapshotRefusedSchema>['reason']>;
/** Of a stream of grpc-js: answers are written to it. */
type Call = Writable & Pick<ServerWritableStream<ReadSnapshotRequest, Answer>, 'request' | 'metadata'>;

/** To be registered on the peer server. */
export function snapshotService(options: SnapshotServiceOptions): (server: Server) => void {
  return (server) => {
    const { readSnapshot } = serviceDefinition(SnapshotService);
    if (!readSnapshot) throw new Error('the service has lost its method');
    const definition = { readSnapshot: { ...readSnapshot, responseSerialize: responseSerializer() } };
    server.addService(definition, { readSnapshot: (call: Call) => void serveSnapshot(options, call) });
  };
}

export async function serveSnapshot(options: SnapshotServiceOptions, call: Call): Promise<void> {
  const foreign = foreignIdentity(call.metadata, options.identity);
  if (foreign !== undefined) {
    const { namespace, cluster } = options.identity;
    options.metrics.refused('foreign-cluster');
    fail(call, status.FAILED_PRECONDITION, `this node belongs to cluster ${namespace}/${cluster}, the call is for ${foreign}`);
    return;
  }
  const gone = new AbortController();
  const leave = (): void => gone.abort(new Error('the receiver is gone'));
  call.once('cancelled', leave);
  try {
    await answer(options, call, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (error instanceof StreamEndedError) fail(call, status.UNAVAILABLE, error.message);
    else {
      options.onBug(error, 'ReadSnapshot');
      fail(call, status.INTERNAL, 'internal error');
    }
  } finally {
    call.off('cancelled', leave);
  }
}

/** This connection carries no more; the snapshot may go on with another. */
class StreamEndedError extends Error {
  override readonly name = 'StreamEndedError';
}

async function answer(options: SnapshotServiceOptions, call: Call, gone: AbortSignal): Promise<void> {
  const { shard, replicaId, receiver, session, nextPart } = call.request;
  const found = await leaseOrNone(options.sessions, { shard, replicaId, receiver, session: session === '' ? undefined : session });
  if (found.kind === 'unknown-replica') {
    refuse(options, call, found.kind, { case: 'unknownReplica', value: found.because });
    return;
  }
  if (found.kind === 'busy') {
    refuse(options, call, found.kind, { case: 'busy', value: { retryAfterSeconds: found.retryAfterSeconds } });
    return;
  }
  if (found.kind === 'session-gone') {
    refuse(options, call, found.kind, { case: 'sessionGone', value: 'the snapshot is closed' });
    return;
  }
  await using lease = found;
  if (nextPart > lease.reader.reached) {
    refuse(options, call, 'session-gone', { case: 'sessionGone', value: `part ${nextPart} of the snapshot was never reached` });
    return;
  }
  const signal = AbortSignal.any([gone, lease.signal]);
  try {
    await sendAll(options, call, lease, Math.max(1, nextPart), signal);
    lease.completed();
    call.end();
  } catch (error) {
    throw signal.aborted ? new StreamEndedError(String(signal.reason), { cause: error }) : error;
  }
}

async function leaseOrNone(
  sessions: SnapshotSessions,
  request: SessionRequest,
): Promise<SessionLease | SessionRefusal | { readonly kind: 'unknown-replica'; readonly because: string }> {
  try {
    return await sessions.lease(request);
  } catch (error) {
    if (!(error instanceof NoSnapshotError)) throw error;
    return { kind: 'unknown-replica', because: error.message };
  }
}

function refuse({ metrics }: SnapshotServiceOptions, call: Call, kind: Parameters<SnapshotMetrics['refused']>[0], reason: Refusal): void {
  metrics.refused(kind);
  call.write({ content: { case: 'refused', value: { reason } } } satisfies Answer);
  call.end(); // takes trailing metadata, never a message
}

async function sendAll(
  { pacer, metrics, stallMs }: SnapshotServiceOptions,
  call: Call,
  { reader, session }: SessionLease,
  first: number,
  signal: AbortSignal,
): Promise<void> {
  const { sequence, epoch } = reader.position;
  const approximateBytes = BigInt(Math.ceil(reader.approximateBytes));
  const opened = { session, format: formatVersion, sequence, epoch, approximateBytes, families: [...columnFamilies] };
  call.write({ content: { case: 'opened', value: opened } } satisfies Answer);
  for await (const piece of reader.read(first)) {
    signal.throwIfAborted();
    if (piece.kind === 'data') {
      await pacer.pass(piece.bytes.length, signal);
      metrics.sent(piece.bytes.length);
    }
    const { promise: written, resolve } = Promise.withResolvers<void>();
    const message: Answer = { content: contentOf(piece) };
    const hasRoom = call.write(message, (error) => {
      if (!error) releaseSent(message);
      resolve();
    });
    // The memory of a part is used again behind its end.
    if (!hasRoom || piece.kind === 'part-ended') await unlessStalled(written, signal, stallMs);
  }
}

async function unlessStalled(written: Promise<void>, signal: AbortSignal, stallMs: number): Promise<void> {
  const { promise: given, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  const stalled = setTimeout(() => reject(new StreamEndedError(`the receiver took nothing for ${stallMs} ms`)), stallMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([written, given]);
  } finally {
    clearTimeout(stalled);
    signal.removeEventListener('abort', stop);
  }
}

function contentOf(piece: SnapshotPiece): NonNullable<Answer['content']> {
  switch (piece.kind) {
    case 'data':
      return { case: 'data', value: piece.bytes };
    case 'part-ended':
      return { case: 'partEnded', value: { number: piece.number, bytes: BigInt(piece.bytes), sha256: piece.sha256 } };
    case 'finished': {
      const { parts, bytes, rows, digest } = piece.summary;
      return { case: 'finished', value: { parts, bytes: BigInt(bytes), rows: rows.map(BigInt), digest } };
    }
  }
}

function fail(call: Call, code: status, details: string): void {
  call.emit('error', Object.assign(new Error(details), { code, details }));
}
