import { fastify, type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

export interface HttpServerOptions {
  readonly registry: Registry;
  /** Why this process cannot do its work; undefined when it can. */
  readonly notReadyBecause: () => string | undefined;
}

/** Health for the kubelet, metrics for Prometheus. */
export function createHttpServer({ registry, notReadyBecause }: HttpServerOptions): FastifyInstance {
  const server = fastify({ logger: false });
  server.get('/healthz', () => 'ok');
  server.get('/readyz', (_request, reply) => {
    const why = notReadyBecause();
    return reply.code(why === undefined ? 200 : 503).send(why ?? 'ok');
  });
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  return server;
}
