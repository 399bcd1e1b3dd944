/** One connection to each other node, by address, kept while its Pod is there. */
import { Client, credentials, status, type ChannelOptions, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { brokeOff, callUnary } from '@vectorcluster/proto/grpc-client.ts';
import { PeerService } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import { BadInputError, NodeUnreachableError } from '../errors.ts';
import { injectTrace } from '../tracing.ts';
import { identityMetadata, type ClusterIdentity } from './cluster-identity.ts';
import { encodeSearch } from './encoding/search.ts';
import { maxPeerMessageBytes } from './peer-limits.ts';
import { RemoteShard, type PeerCall } from './remote-shard.ts';
import { SearchBatches, type SendSearch } from './search-batches.ts';

const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': maxPeerMessageBytes,
  'grpc.max_send_message_length': maxPeerMessageBytes,
  // A node that is gone without a word must not hold requests until TCP gives up.
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  // A killed node is back within a second; the default waits up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.min_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
};

export interface PeerConnectionsOptions {
  readonly identity: ClusterIdentity;
  /** Port of the peer service, the same on every node. */
  readonly port: number;
  readonly onCall: (call: { readonly method: string; readonly seconds: number; readonly ok: boolean }) => void;
}

export interface Observation {
  readonly collectionUid: string;
  /** 0: the collection is gone. */
  readonly generation: number;
  readonly serving: boolean;
}

export class PeerConnections implements Disposable {
  readonly #clients = new Map<string, Client>();
  readonly #searches = new SearchBatches();
  readonly #options: PeerConnectionsOptions;

  constructor(options: PeerConnectionsOptions) {
    this.#options = options;
  }

  /** `signal` is the request's; a read may have one of its own besides. */
  shard(uid: string, address: string, signal: AbortSignal): RemoteShard {
    const calls = this.#calls(address);
    const call: PeerCall = (method, request, own) => calls(method, request, own ?? signal);
    const send: SendSearch = async (searches, request, own) =>
      (await calls(PeerService.method.search, encodeSearch(searches, request), own)).outcomes;
    return new RemoteShard(uid, {
      call,
      search: (shard, request, level, own) => this.#searches.search(address, { shard, level }, request, { send, signal: own ?? signal }),
    });
  }

  /** Resolves once the node's view shows the observation. */
  async observe(address: string, { collectionUid, generation, serving }: Observation, signal: AbortSignal): Promise<void> {
    const call = this.#calls(address);
    await call(PeerService.method.observe, { collectionUid, generation: BigInt(generation), serving }, signal);
  }

  /** Closes connections to addresses that are no longer a node's. */
  keepOnly(addresses: ReadonlySet<string>): void {
    for (const [address, client] of this.#clients) {
      if (addresses.has(address)) continue;
      this.#clients.delete(address);
      client.close();
    }
  }

  [Symbol.dispose](): void {
    this.keepOnly(new Set());
  }

  #calls(address: string): PeerCall {
    return async (method, request, signal) => {
      const start = performance.now();
      let ok = false;
      try {
        const metadata: Metadata = injectTrace(identityMetadata(this.#options.identity));
        const response = await callUnary(this.#client(address), method, request, { metadata, signal });
        ok = true;
        return response;
      } catch (error) {
        throw isServiceError(error) ? failureOf(error, address) : error;
      } finally {
        this.#options.onCall({ method: method.name, seconds: (performance.now() - start) / 1000, ok });
      }
    };
  }

  #client(address: string): Client {
    const known = this.#clients.get(address);
    if (known !== undefined) return known;
    const host = address.includes(':') ? `[${address}]` : address;
    const client = new Client(`${host}:${this.#options.port}`, credentials.createInsecure(), channelOptions);
    this.#clients.set(address, client);
    return client;
  }
}

/** FAILED_PRECONDITION: another cluster's node has that address now. CANCELLED: the node is shutting down. */
const awayCodes: ReadonlySet<status> = new Set([status.FAILED_PRECONDITION, status.CANCELLED]);

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

function failureOf(error: ServiceError, address: string): Error {
  if (brokeOff(error) || awayCodes.has(error.code)) {
    return new NodeUnreachableError(`node at ${address} cannot be reached: ${error.details}`, { cause: error });
  }
  if (error.code === status.RESOURCE_EXHAUSTED) {
    return new BadInputError(`the answer of one shard is above ${maxPeerMessageBytes} bytes; ask for fewer points, or less of them`);
  }
  return error;
}
