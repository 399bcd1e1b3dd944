/** Kubernetes probes and Prometheus metrics, on a port of their own so that load on the API does not fail them. */
import fastify from 'fastify';
import type { Registry } from 'prom-client';

export interface ProbeState {
  /** Why the process is not started, or undefined. */
  readonly notStarted: () => string | undefined;
  /** Why it should get no requests, or undefined. */
  readonly notReady: () => string | undefined;
}

export interface ProbeServerOptions extends ProbeState {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly registry: Registry;
}

export interface ProbeServer extends AsyncDisposable {
  readonly port: number;
}

export async function startProbeServer({ host, port, registry, notStarted, notReady }: ProbeServerOptions): Promise<ProbeServer> {
  const app = fastify({ forceCloseConnections: true });
  const probe = (path: string, reason: () => string | undefined) => {
    app.get(path, async (_request, reply) => {
      const because = reason();
      return await reply
        .code(because === undefined ? 200 : 503)
        .type('text/plain')
        .send(because ?? 'ok');
    });
  };
  probe('/startupz', notStarted);
  // Only that the event loop turns: a node that waits for others must not be killed for it.
  probe('/livez', () => undefined);
  probe('/readyz', notReady);
  app.get('/metrics', async (_request, reply) => await reply.type(registry.contentType).send(await registry.metrics()));
  await app.listen({ host, port });
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.asyncDispose]: async () => app.close(),
  };
}
