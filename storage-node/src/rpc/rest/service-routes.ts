/** The calls outside the envelope: what this is, and whether it is up. */
import type { FastifyInstance } from 'fastify';
import { apiTitle, apiVersion } from '../api-version.ts';

export interface ServiceState {
  /** Our own version, shown beside the version of the API. */
  readonly version: string;
  /** Shards assigned to this node that do not serve yet; empty when it is ready. */
  readonly shardsNotReady: () => readonly string[];
}

export function serviceRoutes(app: FastifyInstance, { version, shardsNotReady }: ServiceState): void {
  app.get('/', async () => ({ title: apiTitle, version: apiVersion, commit: `vectorcluster-${version}` }));
  for (const path of ['/healthz', '/livez'])
    app.get(path, async (_request, reply) => reply.type('text/plain').send('healthz check passed'));
  app.get('/readyz', async (_request, reply) => {
    const missing = shardsNotReady();
    if (missing.length === 0) return reply.type('text/plain').send('all shards are ready');
    return reply
      .code(503)
      .type('text/plain')
      .send(`some shards are not ready: ${missing.join(', ')}`);
  });
}
