/** Serves this node's shards to the other nodes of its cluster. */
import { Server, ServerCredentials, status, type Metadata } from '@grpc/grpc-js';
import { addService, type CallContext, type ServiceHandlers } from '@vectorcluster/proto/grpc-adapter.ts';
import { PeerService, WriteLevel, type SearchRequest } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import { ShardUnavailableError } from '../errors.ts';
import type { PointRecord } from '../model/point.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import { stopWithin } from '../rpc/running-server.ts';
import type { Answer } from '../shard/shard.ts';
import { tracedFrom } from '../tracing.ts';
import { foreignIdentity, type ClusterIdentity } from './cluster-identity.ts';
import { decodeFilter } from './encoding/filter-json.ts';
import { encodeHits } from './encoding/hits.ts';
import { decodeId, encodeRecord } from './encoding/points.ts';
import { decodeProjection } from './encoding/projection.ts';
import { decodeLevel } from './encoding/read-level.ts';
import { encodeRefusal } from './encoding/refusal.ts';
import { decodeSearch } from './encoding/search.ts';
import { decodeOperation } from './encoding/write-operation.ts';
import type { Observation } from './peer-connections.ts';
import { maxPeerMessageBytes } from './peer-limits.ts';
import type { ServedShard } from './served-shard.ts';

export interface PeerServerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly identity: ClusterIdentity;
  /** Throws UnknownShardError where this process does not serve the shard. */
  readonly shard: (uid: string) => ServedShard;
  /** Resolves once this node's view shows the observation. */
  readonly observe: (observation: Observation, signal: AbortSignal) => Promise<void>;
  /** Further services on the same port. */
  readonly services?: readonly ((server: Server) => void)[];
  /** In which running calls are answered when it closes. */
  readonly drainTimeoutMs: number;
  /** What should not have happened. */
  readonly onBug: (error: unknown, method: string) => void;
}

export interface PeerServer {
  readonly port: number;
  /** Takes no new calls and resolves when the running ones are answered, or cut: a caller that was cut off never hears of it. */
  close(): Promise<void>;
}

/** The caller stopped waiting; nobody reads the answer. */
class CallerGoneError extends Error {
  override readonly name = 'CallerGoneError';
}

/** Work is also told by its signal that the caller has gone. */
function isCallerGone(error: unknown): error is Error {
  return error instanceof CallerGoneError || (error instanceof DOMException && error.name === 'AbortError');
}

class ForeignClusterError extends Error {
  override readonly name = 'ForeignClusterError';
}

export async function startPeerServer(options: PeerServerOptions): Promise<PeerServer> {
  const server = new Server({
    'grpc.max_receive_message_length': maxPeerMessageBytes,
    'grpc.max_send_message_length': maxPeerMessageBytes,
  });
  addService(server, PeerService, handlers(options), (error, method) => {
    if (error instanceof ForeignClusterError) return { code: status.FAILED_PRECONDITION, details: error.message };
    if (error instanceof ShardUnavailableError) return { code: status.UNAVAILABLE, details: error.message };
    if (isCallerGone(error)) return { code: status.CANCELLED, details: error.message };
    options.onBug(error, method);
    return { code: status.INTERNAL, details: 'internal error' };
  });
  for (const register of options.services ?? []) register(server);
  const address = options.host.includes(':') ? `[${options.host}]` : options.host;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${address}:${options.port}`, ServerCredentials.createInsecure(), (error, port) => {
    if (error === null) resolve(port);
    else reject(error);
  });
  const port = await promise;
  const stop = { drain: () => shutDown(server), cut: () => server.forceShutdown(), drainTimeoutMs: options.drainTimeoutMs };
  return { port, close: () => stopWithin(stop) };
}

async function shutDown(server: Server): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
  await promise;
}

function handlers({ identity, shard, observe }: PeerServerOptions): ServiceHandlers<typeof PeerService> {
  const serve = async <Outcome>(name: string, { metadata }: CallContext, work: () => Promise<Outcome>) =>
    await tracedFrom(metadata, `peer.${name}`, async () => {
      refuseForeigners(metadata, identity);
      return await outcomeOf(work);
    });

  return {
    write: (request, call) =>
      serve('write', call, async () => {
        const level = request.level === WriteLevel.APPLIED ? 'applied' : 'committed';
        const value = await shard(request.shard).write(decodeOperation(request), request.requestId, level);
        return { outcome: { case: 'written' as const, value } };
      }),
    search: (message, { metadata, signal }) =>
      tracedFrom(metadata, 'peer.search', async () => {
        refuseForeigners(metadata, identity);
        if (signal.aborted) throw new CallerGoneError('the caller stopped waiting');
        const request = decodeSearch(message);
        const searchOne = async (uid: string, index: number) =>
          await outcomeOf(async () => {
            const { value, position } = await shard(uid).search(request, levelAt(message, index), signal);
            return { outcome: { case: 'hits' as const, value: encodeHits(value) }, position };
          });
        return { outcomes: await Promise.all(message.shards.map(searchOne)) };
      }),
    scroll: (request, call) =>
      serve('scroll', call, async () => {
        const scroll = {
          ...decodeProjection(request.projection),
          filter: request.filterJson && decodeFilter(request.filterJson),
          from: request.from && decodeId(request.from),
          limit: request.limit,
        };
        return recordsOf(await shard(request.shard).scroll(scroll, decodeLevel(request.level), call.signal));
      }),
    retrieve: (request, call) =>
      serve('retrieve', call, async () => {
        const retrieve = { ...decodeProjection(request.projection), ids: request.ids.map(decodeId) };
        return recordsOf(await shard(request.shard).retrieve(retrieve, decodeLevel(request.level), call.signal));
      }),
    count: (request, call) =>
      serve('count', call, async () => {
        const count = { filter: request.filterJson && decodeFilter(request.filterJson) };
        const { value, position } = await shard(request.shard).count(count, decodeLevel(request.level), call.signal);
        return { outcome: { case: 'counted' as const, value: { count: BigInt(value) } }, position };
      }),
    stats: (request, call) =>
      serve('stats', call, async () => {
        const { points, vectors, indexedVectors, segments } = await shard(request.shard).stats(call.signal);
        const value = { points: BigInt(points), vectors: BigInt(vectors), indexedVectors: BigInt(indexedVectors), segments };
        return { outcome: { case: 'stats' as const, value } };
      }),
    observe: async ({ collectionUid, generation, serving }, { metadata, signal }) => {
      refuseForeigners(metadata, identity);
      try {
        await observe({ collectionUid, generation: Number(generation), serving }, signal);
      } catch (error) {
        throw signal.aborted ? new CallerGoneError('the caller stopped waiting', { cause: error }) : error;
      }
      return {};
    },
  };
}

async function outcomeOf<Outcome>(work: () => Promise<Outcome>) {
  try {
    return await work();
  } catch (error) {
    const refusal = encodeRefusal(error);
    if (refusal === undefined) throw error;
    return { outcome: { case: 'refusal' as const, value: refusal } };
  }
}

function recordsOf({ value, position }: Answer<readonly PointRecord[]>) {
  return { outcome: { case: 'records' as const, value: { records: value.map(encodeRecord) } }, position };
}

function levelAt({ levels }: SearchRequest, index: number): ReadLevel {
  return decodeLevel(levels[levels.length === 1 ? 0 : index]);
}

function refuseForeigners(metadata: Metadata, own: ClusterIdentity): void {
  const other = foreignIdentity(metadata, own);
  if (other === undefined) return;
  throw new ForeignClusterError(`this node belongs to cluster ${own.namespace}/${own.cluster}, the call is for ${other}`);
}
