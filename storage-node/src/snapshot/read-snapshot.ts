/** One connection to the source of a snapshot, from the next part that is wanted until it ends, however it does. */
import { Client, credentials, status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { columnFamilies, type ColumnFamily } from '@vectorcluster/engine/documents/documents.ts';
import { callServerStream } from '@vectorcluster/proto/grpc-client.ts';
import {
  SnapshotService,
  type ReadSnapshotResponse,
  type SnapshotFinished,
  type SnapshotOpened,
  type SnapshotRefused,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/snapshot_pb.ts';
import { identityMetadata, type ClusterIdentity } from '../peer/cluster-identity.ts';
import { assertRoom, type DiskRoom } from './disk-room.ts';
import type { SnapshotMetrics } from './metrics.ts';
import { PartBody } from './part-body.ts';
import { fileHeaderBytesMax, formatVersion, partBytesFor, partBytesMax } from './part-format.ts';
import type { ReceivedParts } from './received-parts.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';
import type { SnapshotSummary } from './snapshot-reader.ts';

export interface ReadSnapshotOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: ClusterIdentity;
  readonly shard: string;
  readonly from: string;
  readonly receiver: string;
  readonly signal: AbortSignal;
  readonly metrics: SnapshotMetrics;
  readonly parts: ReceivedParts;
  readonly room: () => Promise<DiskRoom>;
  /** Without a word of the source for so long, the connection is given up. */
  readonly silenceMs?: number | undefined;
}

export type ReadOutcome =
  | { readonly kind: 'complete' }
  /** The connection ended before all was there. */
  | { readonly kind: 'cut'; readonly cause: unknown }
  | { readonly kind: 'session-gone' }
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  | { readonly kind: 'fault'; readonly error: SnapshotRefusedError };

const messageBytesMax = 4 * 1024 * 1024;
/** What a message that carries data is longer than them. */
const messageOverheadMax = 16;
const retryAfterSecondsMax = 60;
/** A source that sends nothing for this long is gone, or asleep. */
const silenceMsMax = 30_000;

export async function readSnapshot(options: ReadSnapshotOptions): Promise<ReadOutcome> {
  const { address, port, parts, signal } = options;
  const host = address.includes(':') ? `[${address}]` : address;
  const client = new Client(`${host}:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': messageBytesMax,
    // A connection of its own: what others say to that node never waits behind a snapshot.
    'grpc.use_local_subchannel_pool': 1,
    'grpc-node.flow_control_window': messageBytesMax,
    'grpc.keepalive_time_ms': 5_000,
    'grpc.keepalive_timeout_ms': 3_000,
    'grpc.initial_reconnect_backoff_ms': 50,
  });
  const ending = new AbortController();
  const silence = setTimeout(() => ending.abort(), options.silenceMs ?? silenceMsMax);
  try {
    const request = {
      shard: options.shard,
      replicaId: options.from,
      receiver: options.receiver,
      session: parts.transfer?.session ?? '',
      nextPart: parts.count + 1,
    };
    const call = callServerStream(client, SnapshotService.method.readSnapshot, request, {
      metadata: identityMetadata(options.identity),
      signal: AbortSignal.any([signal, ending.signal]),
    });
    const storing = new Storing(parts);
    const outcome = await receive(options, call, storing, () => silence.refresh()).catch(outcomeOf);
    const fault = await storing.settled().catch(outcomeOf);
    return fault ?? outcome;
  } finally {
    clearTimeout(silence);
    ending.abort();
    client.close();
  }
}

/** One part is being written while the next one comes in. */
class Storing {
  readonly #parts: ReceivedParts;
  #underWay: Promise<void> | undefined;

  constructor(parts: ReceivedParts) {
    this.#parts = parts;
  }

  begin(number: number, body: Buffer, sha256: Uint8Array): void {
    this.#underWay = this.#parts.add(number, body, sha256);
    this.#underWay.catch(() => {}); // met by whoever asks whether it is settled
  }

  /** Rejects with what was wrong with the part. */
  async settled(): Promise<undefined> {
    await this.#underWay;
    return undefined;
  }
}

async function receive(
  options: ReadSnapshotOptions,
  call: ClientReadableStream<ReadSnapshotResponse>,
  storing: Storing,
  onHeard: () => void,
): Promise<ReadOutcome> {
  const { parts, metrics, room } = options;
  let approximateBytes = 0;
  let [body, spare] = bodiesFor(0);
  for await (const message of messagesOf(call)) {
    onHeard();
    const { content } = message;
    if (approximateBytes === 0 && content.case !== 'opened' && content.case !== 'refused')
      return faulty('order', 'it begins in the middle');
    switch (content.case) {
      case 'opened':
        approximateBytes = Number(content.value.approximateBytes) + 1;
        assertRoom(await room(), approximateBytes, parts.bytes);
        await begin(options, content.value);
        [body, spare] = bodiesFor(approximateBytes);
        break;
      case 'data':
        metrics.received(content.value.length);
        if (body.length + content.value.length > partBytesMax) return faulty('size', `a part has more than ${partBytesMax} bytes`);
        body.append(content.value);
        release(content.value);
        break;
      case 'partEnded': {
        const { number, bytes: told, sha256 } = content.value;
        if (BigInt(body.length) !== told) return faulty('size', `part ${number} has ${body.length} bytes, not ${told}`);
        await storing.settled();
        assertRoom(await room(), approximateBytes, parts.bytes);
        storing.begin(number, body.bytes, sha256);
        [body, spare] = [spare, body];
        body.clear();
        break;
      }
      case 'finished':
        if (body.length > 0) return faulty('order', 'it ends in the middle of a part');
        await storing.settled();
        for (const each of [body, spare]) each.release();
        await parts.complete(summaryFrom(content.value));
        return { kind: 'complete' };
      case 'refused':
        return refusalFrom(content.value);
      case undefined:
        return faulty('content', 'a message of a kind that is not known');
    }
  }
  return { kind: 'cut', cause: new Error('the stream ended before the snapshot did') };
}

function bodiesFor(approximateBytes: number): readonly [PartBody, PartBody] {
  const expectedBytes = partBytesFor(approximateBytes) + fileHeaderBytesMax;
  return [new PartBody(expectedBytes), new PartBody(expectedBytes)];
}

async function begin({ parts, shard, from, receiver }: ReadSnapshotOptions, opened: SnapshotOpened): Promise<void> {
  const { session, format, sequence, epoch } = opened;
  if (format !== formatVersion) throw new SnapshotRefusedError('format', `its parts are of format ${format}, not ${formatVersion}`);
  if (sequence === 0n) throw new SnapshotRefusedError('content', 'it holds nothing');
  const families = opened.families.map(knownFamily);
  if (new Set(families).size !== families.length) throw new SnapshotRefusedError('content', 'a family is told twice');
  if (parts.transfer === undefined) {
    await parts.begin({ format: formatVersion, shard, from, receiver, session, sequence, epoch, families });
    return;
  }
  const { transfer } = parts;
  const isSame = transfer.session === session && transfer.sequence === sequence && transfer.epoch === epoch;
  if (!isSame || transfer.families.join() !== families.join())
    throw new SnapshotRefusedError('summary', 'it is another one than was begun');
}

function knownFamily(name: string): ColumnFamily {
  const family = columnFamilies.find((each) => each === name);
  if (family === undefined)
    throw new SnapshotRefusedError('content', `it has a family ${JSON.stringify(name.slice(0, 100))}, which is not known`);
  return family;
}

function summaryFrom({ parts, bytes, rows, digest }: SnapshotFinished): SnapshotSummary {
  return { parts, bytes: Number(bytes), rows: rows.map(Number), digest: Buffer.from(digest) };
}

function refusalFrom({ reason }: SnapshotRefused): ReadOutcome {
  switch (reason.case) {
    case 'busy':
      return { kind: 'busy', retryAfterMs: Math.min(retryAfterSecondsMax, Math.max(1, reason.value.retryAfterSeconds)) * 1000 };
    case 'sessionGone':
      return { kind: 'session-gone' };
    case 'unknownReplica':
      return faulty('unknown-replica', reason.value);
    case undefined:
      return faulty('content', 'the source gives no reason that is known');
  }
}

function faulty(fault: SnapshotRefusedError['fault'], because: string): ReadOutcome {
  return { kind: 'fault', error: new SnapshotRefusedError(fault, because) };
}

/**
 * Lets go of the memory of a message at once: what lies outside of the heap makes the collector look through all of the heap when there is
 * much of it.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  const isAlone = buffer.byteLength - byteLength < messageOverheadMax;
  if (isAlone && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Typed; the stream is destroyed when the loop over it is left. */
async function* messagesOf(call: ClientReadableStream<ReadSnapshotResponse>): AsyncGenerator<ReadSnapshotResponse> {
  const messages: AsyncIterable<ReadSnapshotResponse> = call;
  yield* messages;
}

function outcomeOf(error: unknown): ReadOutcome {
  if (error instanceof SnapshotRefusedError) return { kind: 'fault', error };
  if (isNoSpace(error)) return { kind: 'fault', error: new SnapshotRefusedError('disk-full', 'the disk is full', { cause: error }) };
  if (!isServiceError(error)) throw error;
  if (error.code === status.FAILED_PRECONDITION) return faulty('foreign-cluster', error.details);
  if (error.code === status.UNIMPLEMENTED) return faulty('format', 'that node is of a version that gives no snapshots');
  return { kind: 'cut', cause: error };
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

function isNoSpace(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at && (at.code === 'ENOSPC' || at.code === 'EDQUOT')) return true;
  return false;
}
