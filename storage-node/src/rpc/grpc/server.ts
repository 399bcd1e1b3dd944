/** The public gRPC API on grpc-js. What is in the contract but not served answers UNIMPLEMENTED by name. */
import { toBinary, type DescFile } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { addService, type ToStatus } from '@vectorcluster/proto/grpc-adapter.ts';
import { Collections } from '@vectorcluster/proto/gen/qdrant/collections_service_pb.ts';
import { Points } from '@vectorcluster/proto/gen/qdrant/points_service_pb.ts';
import { file_qdrant_qdrant, Qdrant } from '@vectorcluster/proto/gen/qdrant/qdrant_pb.ts';
import { Snapshots } from '@vectorcluster/proto/gen/qdrant/snapshots_service_pb.ts';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { Database } from '../../coordinator/database.ts';
import { apiTitle, apiVersion } from '../api-version.ts';
import { edgeError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import type { RequestMetrics } from '../metrics.ts';
import { stopWithin, type RunningServer } from '../running-server.ts';
import { handleWith } from './call.ts';
import { collectionHandlers } from './collections-service.ts';
import { Farewell } from './farewell.ts';
import { pointHandlers } from './points-service.ts';

export interface GrpcServerOptions {
  readonly database: Database;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly limits: RequestLimits;
  readonly logger: Logger;
  readonly metrics: RequestMetrics;
  /** Our own version, shown beside the version of the API. */
  readonly version: string;
}

/** Serves until disposed of; disposal takes no new calls and waits for those under way, but not for ever. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<RunningServer> {
  const { database, limits, version } = options;
  const server = new Server({
    'grpc.max_receive_message_length': limits.bodyBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': 128,
  });
  const toStatus = statusWith(options.logger);
  const handle = handleWith(limits, options.metrics);
  addService(server, Collections, collectionHandlers(database, handle), toStatus);
  addService(server, Points, pointHandlers(database, limits, handle), toStatus);
  addService(server, Snapshots, {}, toStatus);
  const health = { title: apiTitle, version: apiVersion, commit: `vectorcluster-${version}` };
  addService(server, Qdrant, { healthCheck: async () => health }, toStatus);
  new HealthImplementation({ '': 'SERVING', 'qdrant.Qdrant': 'SERVING' }).addToServer(server);
  new ReflectionService(describe(file_qdrant_qdrant)).addToServer(server);
  const port = await bind(server, options);
  const farewell = new Farewell(port);
  const stop = { drain: async () => shutdown(server), cut: () => server.forceShutdown(), drainTimeoutMs: limits.drainTimeoutMs };
  return {
    host: options.host,
    port,
    sendClientsAway: () => farewell.begin(),
    [Symbol.asyncDispose]: async () => {
      await farewell.clientsAreGone();
      await stopWithin(stop);
      farewell[Symbol.dispose]();
    },
  };
}

function statusWith(logger: Logger): ToStatus {
  return (error, method) => {
    const { grpc, text, retryAfterSeconds, bug } = edgeError(error);
    if (bug) logger.error({ err: error, method }, 'call failed');
    if (retryAfterSeconds === undefined) return { code: grpc, details: text };
    const metadata = new Metadata();
    metadata.set('retry-after', String(retryAfterSeconds));
    return { code: grpc, details: text, metadata };
  };
}

async function bind(server: Server, { host, port }: GrpcServerOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
    if (error === null) resolve(bound);
    else reject(error);
  });
  return promise;
}

async function shutdown(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.tryShutdown(() => resolve());
  return promise;
}

/** The contract's own files, for tools that ask a server what it speaks. */
function describe(root: DescFile): ConstructorParameters<typeof ReflectionService>[0] {
  const files = new Map<string, Buffer>();
  const visit = (file: DescFile) => {
    if (files.has(file.name)) return;
    files.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
    file.dependencies.forEach(visit);
  };
  visit(root);
  return { qdrant: { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos: [...files.values()] } };
}
