/** The REST and gRPC servers over a memory database, on free ports, for tests. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Database } from '../src/coordinator/database.ts';
import { startGrpcServer } from '../src/rpc/grpc/server.ts';
import { defaultRequestLimits, type RequestLimits } from '../src/rpc/limits.ts';
import { createRequestMetrics } from '../src/rpc/metrics.ts';
import { startRestServer } from '../src/rpc/rest/server.ts';
import type { RunningServer } from '../src/rpc/running-server.ts';
import { MemoryDatabase } from './memory-database.ts';

export interface TestServers extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly grpcUrl: string;
  readonly grpcPort: number;
  readonly registry: Registry;
  readonly rest: RunningServer;
  readonly grpc: RunningServer;
}

export async function startTestServers(
  limits: Partial<RequestLimits> = {},
  database: Database = new MemoryDatabase(),
): Promise<TestServers> {
  const registry = new Registry();
  const options = {
    database,
    host: '127.0.0.1',
    port: 0,
    limits: { ...defaultRequestLimits, ...limits },
    logger: pino({ level: 'silent' }),
    metrics: createRequestMetrics(registry),
    version: '0.1.0',
    shardsNotReady: () => [],
  };
  const rest = await startRestServer(options);
  const grpc = await startGrpcServer(options);
  return {
    url: `http://127.0.0.1:${rest.port}`,
    port: rest.port,
    grpcUrl: `http://127.0.0.1:${grpc.port}`,
    grpcPort: grpc.port,
    registry,
    rest,
    grpc,
    [Symbol.asyncDispose]: async () => {
      await rest[Symbol.asyncDispose]();
      await grpc[Symbol.asyncDispose]();
    },
  };
}
