/** A replica on another node. */
import { create, type DescMessage, type DescMethodUnary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import {
  PeerService,
  StatsRequestSchema,
  WriteLevel as WriteLevelMessage,
  type Position as PositionMessage,
  type Records,
  type Refusal,
  type SearchOutcome,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { PointRecord, ScoredPoint } from '../model/point.ts';
import { pointIdKey } from '../model/point-id.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import type { Answer, WriteLevel, WriteResult } from '../shard/shard.ts';
import { encodeFilter } from './encoding/filter-json.ts';
import { decodeHits } from './encoding/hits.ts';
import { decodeRecord } from './encoding/points.ts';
import { encodeProjection } from './encoding/projection.ts';
import { decodePosition, encodeLevel } from './encoding/read-level.ts';
import { decodeRefusal } from './encoding/refusal.ts';
import { encodeOperation } from './encoding/write-operation.ts';
import type { ServedShard, ShardStats } from './served-shard.ts';

/** One call to one node; rejects with StorageNodeErrors for what the connection itself may do. */
export type PeerCall = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  signal: AbortSignal | undefined,
) => Promise<MessageShape<O>>;

/** The node that has the shard. */
export interface Peer {
  readonly call: PeerCall;
  readonly search: (shard: string, request: SearchRequest, level: ReadLevel, signal: AbortSignal | undefined) => Promise<SearchOutcome>;
}

type Answered = { readonly case: string; readonly value: unknown } | { readonly case: undefined };
type Granted<Outcome extends Answered> = Exclude<Outcome, { readonly case: 'refusal' | undefined }>;

export class RemoteShard implements ServedShard {
  readonly #shard: string;
  readonly #peer: Peer;

  constructor(shard: string, peer: Peer) {
    this.#shard = shard;
    this.#peer = peer;
  }

  async write(operation: WriteOperation, requestId: string, level: WriteLevel): Promise<WriteResult> {
    const { outcome } = await this.#peer.call(
      PeerService.method.write,
      {
        shard: this.#shard,
        requestId,
        operation: encodeOperation(operation),
        level: level === 'applied' ? WriteLevelMessage.APPLIED : WriteLevelMessage.UNSPECIFIED,
      },
      undefined,
    );
    const { epoch, sequence } = this.#granted(outcome).value;
    return { epoch, sequence };
  }

  async search(request: SearchRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly ScoredPoint[]>> {
    return this.#answer(await this.#peer.search(this.#shard, request, level, signal), decodeHits);
  }

  async retrieve(request: RetrieveRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>> {
    const message = {
      shard: this.#shard,
      ids: request.ids.map(pointIdKey),
      projection: encodeProjection(request),
      level: encodeLevel(level),
    };
    return this.#answer(await this.#peer.call(PeerService.method.retrieve, message, signal), decodeRecords);
  }

  async scroll(request: ScrollRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>> {
    const message = {
      shard: this.#shard,
      limit: request.limit,
      projection: encodeProjection(request),
      level: encodeLevel(level),
      ...(request.filter && { filterJson: encodeFilter(request.filter) }),
      ...(request.from !== undefined && { from: pointIdKey(request.from) }),
    };
    return this.#answer(await this.#peer.call(PeerService.method.scroll, message, signal), decodeRecords);
  }

  async count({ filter }: CountRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<number>> {
    const message = { shard: this.#shard, level: encodeLevel(level), ...(filter && { filterJson: encodeFilter(filter) }) };
    return this.#answer(await this.#peer.call(PeerService.method.count, message, signal), (counted) => Number(counted.count));
  }

  async stats(signal?: AbortSignal): Promise<ShardStats> {
    const { outcome } = await this.#peer.call(PeerService.method.stats, create(StatsRequestSchema, { shard: this.#shard }), signal);
    const { points, vectors, indexedVectors, segments } = this.#granted(outcome).value;
    return { points: Number(points), vectors: Number(vectors), indexedVectors: Number(indexedVectors), segments };
  }

  #answer<Outcome extends Answered, Value>(
    { outcome, position }: { readonly outcome: Outcome; readonly position?: PositionMessage | undefined },
    decode: (value: Granted<Outcome>['value']) => Value,
  ): Answer<Value> {
    const { value } = this.#granted(outcome);
    return { value: decode(value), position: decodePosition(position) };
  }

  #granted<Outcome extends Answered>(outcome: Outcome): Granted<Outcome> {
    if (isRefusal(outcome)) throw decodeRefusal(outcome.value, this.#shard);
    if (!isGranted(outcome)) throw new TypeError(`a peer answered nothing that this version knows about shard ${this.#shard}`);
    return outcome;
  }
}

function isRefusal(outcome: Answered): outcome is { readonly case: 'refusal'; readonly value: Refusal } {
  return outcome.case === 'refusal';
}

function isGranted<Outcome extends Answered>(outcome: Outcome): outcome is Granted<Outcome> {
  return outcome.case !== undefined && outcome.case !== 'refusal';
}

function decodeRecords({ records }: Records): readonly PointRecord[] {
  return records.map(decodeRecord);
}
