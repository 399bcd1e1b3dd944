/** Starts the cluster as a process of its own and shows how it comes up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import type { DaemonMessage, DaemonOptions } from '../daemon.ts';
import { StateFolderError, type StateFolder } from '../state-folder.ts';

export async function up(state: StateFolder, options: Omit<DaemonOptions, 'state'>): Promise<void> {
  const pid = await state.runningPid();
  if (pid !== undefined) {
    process.stdout.write(`The cluster in ${state.path} runs already (process ${pid}).\n`);
    return;
  }
  await state.create();
  const logFile = state.in('daemon.log');
  await using log = await open(logFile, 'a');
  const daemon = fileURLToPath(new URL('../daemon.ts', import.meta.url));
  const child = spawn(process.execPath, [daemon, JSON.stringify({ ...options, state: state.path } satisfies DaemonOptions)], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const outcome = await new Promise<DaemonMessage>((resolve, reject) => {
    child.on('message', (message: DaemonMessage) => {
      if (message.kind === 'step') process.stdout.write(`  ${pc.green('✓')} ${message.text}\n`);
      else resolve(message);
    });
    once(child, 'exit').then(([code]) => resolve({ kind: 'failed', because: `it ended with code ${String(code)}` }), reject);
  });
  if (outcome.kind === 'failed') throw new StateFolderError(`the cluster did not come up: ${outcome.because}\n  its log: ${logFile}`);
  child.disconnect();
  child.unref();
  if (outcome.kind === 'ready') process.stdout.write(howToGoOn(outcome.kubeconfigFile));
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
