/**
 * The process behind `vectorcluster up`: runs a local cluster until SIGTERM or SIGINT. Its parent, when there is one, hears of the
 * progress over the IPC channel: {step}, then {ready} or {failed}.
 */
import { once } from 'node:events';
import { pino } from 'pino';
import { z } from 'zod';
import { droppingLog } from './log-file.ts';
import { explainError } from './explain-error.ts';
import { startLocalCluster } from './local-cluster.ts';
import { StateFolder } from './state-folder.ts';
import { localVersion } from './version.ts';

export type DaemonMessage =
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'ready'; readonly kubeconfigFile: string }
  | { readonly kind: 'failed'; readonly because: string };

export const daemonOptions = z.strictObject({
  state: z.string(),
  nodes: z.int().optional(),
  zones: z.array(z.string()).readonly().optional(),
  maxRestartBackoffSeconds: z.int(),
});
export type DaemonOptions = z.output<typeof daemonOptions>;

const given = daemonOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'info' }, droppingLog(process.stdout.fd));
const operatorTimeoutMs = 60_000;
const state = new StateFolder(given.state);
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

function tell(message: DaemonMessage): void {
  // Whoever started us may be gone by now.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

try {
  await using cluster = await startLocalCluster({
    ...given,
    state,
    version: localVersion,
    logger,
    onProgress: (text) => {
      stopping.signal.throwIfAborted();
      tell({ kind: 'step', text });
    },
  });
  const patience = AbortSignal.timeout(operatorTimeoutMs);
  await cluster.operatorReady(AbortSignal.any([stopping.signal, patience])).catch((error: unknown) => {
    if (!patience.aborted) throw error;
    throw new Error(
      `the operator was not ready within ${operatorTimeoutMs / 1000} s: ${cluster.whyOperatorIsNotReady()}; its log: ${cluster.operatorLogFile}`,
      {
        cause: error,
      },
    );
  });
  await state.markReady();
  tell({ kind: 'step', text: 'operator ready' });
  tell({ kind: 'ready', kubeconfigFile: cluster.kubeconfigFile });
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  logger.info('stopping the local cluster');
} catch (error) {
  if (!stopping.signal.aborted) {
    logger.fatal({ err: error }, 'the local cluster cannot run');
    tell({ kind: 'failed', because: explainError(error, state.path) });
    process.exitCode = 1;
  }
} finally {
  if (process.connected) process.disconnect();
}
