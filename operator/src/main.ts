/** The wiring of the operator: configuration in, everything made here, nothing decided here. */
import { isTracing } from './telemetry.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { LeaseLostError, runWithLease } from '@vectorcluster/kube/leader-election.ts';
import { readConfig } from './config.ts';
import { createHttpServer } from './http-server.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { runOperator } from './operator.ts';
import { Readiness } from './readiness.ts';
import { operatorVersion } from './version.ts';

const config = readConfig(process.env, new Date());
const log = createLogger(config.logLevel);
const metrics = createMetrics();
const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.once(name, () => {
    log.info({ signal: name }, 'stopping');
    stopping.abort();
  });
}

const clientOptions = { userAgent: `vectorcluster-operator/${operatorVersion}`, metrics };
using client = await KubeClient.fromEnvironment(clientOptions);
// On connections of its own: behind a thousand writes that wait for theirs, the Lease would be lost. And where no answer comes, there is
// time to ask again before it is.
using leaseClient = await KubeClient.fromEnvironment({ ...clientOptions, requestTimeoutMs: 4_000 });
const readiness = new Readiness();
const server = createHttpServer({
  registry: metrics.registry,
  notReadyBecause: () => readiness.notReadyBecause(),
});
await server.listen({ host: config.listenHost, port: config.metricsPort });
log.info({ version: operatorVersion, identity: config.identity, watchNamespace: config.watchNamespace, isTracing }, 'operator started');

try {
  await runWithLease({
    client: leaseClient,
    namespace: config.namespace,
    name: 'vectorcluster-operator',
    identity: config.identity,
    signal: stopping.signal,
    log,
    onWaiting: () => readiness.reached('waiting'),
    onLeading: async (signal) => {
      metrics.leading(true);
      readiness.reached('filling');
      const { watchNamespace, identity, storageNodeImage, allowsUnsafePodTemplates } = config;
      const onStarted = () => readiness.reached('leading');
      await runOperator(
        { client, watchNamespace, identity, storageNodeImage, allowsUnsafePodTemplates, log, metrics, now: () => new Date(), onStarted },
        signal,
      );
      metrics.leading(false);
    },
  });
} catch (error) {
  if (!(error instanceof LeaseLostError)) throw error;
  log.error({ err: error }, 'the lease is lost, the process ends');
  process.exitCode = 1;
} finally {
  await server.close();
}
log.info({}, 'operator stopped');
