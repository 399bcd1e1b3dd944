/** The REST server over a memory database, on a free port, for tests. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { defaultRequestLimits, type RequestLimits } from '../src/rpc/limits.ts';
import { createRequestMetrics } from '../src/rpc/metrics.ts';
import { startRestServer } from '../src/rpc/rest/server.ts';
import { MemoryDatabase } from './memory-database.ts';

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly database: MemoryDatabase;
  readonly registry: Registry;
}

export async function startTestServer(limits: Partial<RequestLimits> = {}, database = new MemoryDatabase()): Promise<TestServer> {
  const registry = new Registry();
  const server = await startRestServer({
    database,
    host: '127.0.0.1',
    port: 0,
    limits: { ...defaultRequestLimits, ...limits },
    logger: pino({ level: 'silent' }),
    metrics: createRequestMetrics(registry),
    version: '0.1.0',
    shardsNotReady: () => [],
  });
  const stop = async () => server[Symbol.asyncDispose]();
  return { url: `http://127.0.0.1:${server.port}`, port: server.port, database, registry, [Symbol.asyncDispose]: stop };
}
