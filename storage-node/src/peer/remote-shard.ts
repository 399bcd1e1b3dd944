/** A shard whose primary is another node, for the length of one request. */
import { create, type DescMessage, type DescMethodUnary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import {
  PeerService,
  StatsRequestSchema,
  type Refusal,
  type SearchOutcome,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { PointRecord, ScoredPoint } from '../model/point.ts';
import { pointIdKey } from '../model/point-id.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { WriteResult } from '../shard/shard.ts';
import { encodeFilter } from './encoding/filter-json.ts';
import { decodeHits } from './encoding/hits.ts';
import { decodeRecord } from './encoding/points.ts';
import { encodeProjection } from './encoding/projection.ts';
import { decodeRefusal } from './encoding/refusal.ts';
import { encodeOperation } from './encoding/write-operation.ts';
import type { ServedShard, ShardStats } from './served-shard.ts';

/** One call to one node; rejects with StorageNodeErrors for what the connection itself may do. */
export type PeerCall = <I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
) => Promise<MessageShape<O>>;

/** The node that has the shard. */
export interface Peer {
  readonly call: PeerCall;
  readonly search: (shard: string, request: SearchRequest) => Promise<SearchOutcome>;
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

  async write(operation: WriteOperation, requestId: string): Promise<WriteResult> {
    const request = { shard: this.#shard, requestId, operation: encodeOperation(operation) };
    const { outcome } = await this.#peer.call(PeerService.method.write, request);
    const { epoch, sequence } = this.#granted(outcome).value;
    return { epoch, sequence };
  }

  async search(request: SearchRequest): Promise<readonly ScoredPoint[]> {
    const { outcome } = await this.#peer.search(this.#shard, request);
    return decodeHits(this.#granted(outcome).value);
  }

  async retrieve(request: RetrieveRequest): Promise<readonly PointRecord[]> {
    const { outcome } = await this.#peer.call(PeerService.method.retrieve, {
      shard: this.#shard,
      ids: request.ids.map(pointIdKey),
      projection: encodeProjection(request),
    });
    return this.#granted(outcome).value.records.map(decodeRecord);
  }

  async scroll(request: ScrollRequest): Promise<readonly PointRecord[]> {
    const { outcome } = await this.#peer.call(PeerService.method.scroll, {
      shard: this.#shard,
      limit: request.limit,
      projection: encodeProjection(request),
      ...(request.filter && { filterJson: encodeFilter(request.filter) }),
      ...(request.from !== undefined && { from: pointIdKey(request.from) }),
    });
    return this.#granted(outcome).value.records.map(decodeRecord);
  }

  async count({ filter }: CountRequest): Promise<number> {
    const request = { shard: this.#shard, ...(filter && { filterJson: encodeFilter(filter) }) };
    const { outcome } = await this.#peer.call(PeerService.method.count, request);
    return Number(this.#granted(outcome).value.count);
  }

  async stats(): Promise<ShardStats> {
    const { outcome } = await this.#peer.call(PeerService.method.stats, create(StatsRequestSchema, { shard: this.#shard }));
    const { points, vectors, indexedVectors, segments } = this.#granted(outcome).value;
    return { points: Number(points), vectors: Number(vectors), indexedVectors: Number(indexedVectors), segments };
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
