/** Stock clients to the Service and to each node. */
import { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import { QdrantClient } from '@qdrant/js-client-rest';
import type { Through } from './stock-client.ts';

export interface RestConnection {
  readonly through: Through;
  readonly url: string;
  readonly client: QdrantClient;
}

export interface GrpcConnection {
  readonly through: Through;
  readonly client: GrpcClient;
}

export interface Connections {
  readonly service: RestConnection;
  readonly nodes: readonly RestConnection[];
  /** Each node asked for whatever its own copy holds. */
  readonly copies: readonly RestConnection[];
  readonly grpc: GrpcConnection;
}

/** Far below the default of stock clients, so that those which meet a silent node come back soon enough to meet another. */
const timeoutMs = 5000;
const checkCompatibility = false;

export function connect(service: string, nodes: ReadonlyMap<string, string>): Connections {
  const rest = (through: Through, host: string, headers: Record<string, string> = {}): RestConnection => {
    const url = `http://${host}:6333`;
    return { through, url, client: new QdrantClient({ url, checkCompatibility, timeout: timeoutMs, headers }) };
  };
  return {
    service: rest({ kind: 'service', name: 'the Service' }, service),
    nodes: [...nodes].map(([name, host]) => rest({ kind: 'node', name }, host)),
    copies: [...nodes].map(([name, host]) =>
      rest({ kind: 'node', name: `the copy on ${name}` }, host, { 'x-vector-consistency': 'eventual' }),
    ),
    grpc: {
      through: { kind: 'service', name: 'the Service over gRPC' },
      client: new GrpcClient({ host: service, port: 6334, https: false, checkCompatibility, timeout: timeoutMs }),
    },
  };
}

export function anyOf<T>(among: readonly T[], random: () => number): T {
  const chosen = among[Math.floor(random() * among.length)];
  if (chosen === undefined) throw new RangeError('nothing to choose from');
  return chosen;
}
