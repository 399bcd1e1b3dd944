/** Starts the cluster as a process of its own and shows how it comes up. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { colorsFor } from './colors.ts';
import type { DaemonMessage, DaemonOptions } from '../daemon.ts';
import { StateFolderError, type StateFolder } from '../state-folder.ts';

type Outcome = Exclude<DaemonMessage, { kind: 'step' }> | { readonly kind: 'ended'; readonly how: string };

const interruptedExitCode = 130;

export async function up(state: StateFolder, options: Omit<DaemonOptions, 'state'>): Promise<void> {
  const other = await state.running();
  if (other) {
    const how = other.ready ? 'runs already' : 'is coming up already: see "vectorcluster status"';
    process.stdout.write(`The cluster in ${state.path} ${how} (process ${other.pid}).\n`);
    return;
  }
  await state.create();
  const logFile = state.in('daemon.log');
  await using log = await open(logFile, 'a');
  const daemon = fileURLToPath(new URL('../daemon.ts', import.meta.url));
  const child = spawn(process.execPath, [daemon, JSON.stringify({ ...options, state: state.path } satisfies DaemonOptions)], {
    // A session of its own: it outlives this terminal. That is why Ctrl-C has to be passed on until it is up.
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const interrupted = new AbortController();
  const interrupt = (): void => {
    interrupted.abort();
    child.kill('SIGTERM');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const outcome = await outcomeOf(child);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);

  if (interrupted.signal.aborted) {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    process.stdout.write('Stopped before it was up.\n');
    process.exitCode = interruptedExitCode;
    return;
  }
  if (outcome.kind === 'ready') {
    child.disconnect();
    child.unref();
    process.stdout.write(howToGoOn(outcome.kubeconfigFile));
    return;
  }
  const because = outcome.kind === 'failed' ? outcome.because : outcome.how;
  throw new StateFolderError(`the cluster did not come up: ${because}\n  its log: ${logFile}`);
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: DaemonMessage) => {
      if (message.kind === 'step') process.stdout.write(`  ${colorsFor(process.stdout).green('✓')} ${message.text}\n`);
      else resolve(message);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve({ kind: 'ended', how: 'it was stopped while it came up' });
      else resolve({ kind: 'ended', how: signal === null ? `its process ended with code ${code}` : `its process was ended by ${signal}` });
    });
  });
}

function howToGoOn(kubeconfigFile: string): string {
  return `
The cluster is up. Go on with

  export KUBECONFIG=${kubeconfigFile}
  kubectl apply -f crds/samples/quickstart.yaml
  kubectl wait --for=condition=Ready vc/shop
  kubectl get vc,vpool,vcol,vshard,pods
`;
}
