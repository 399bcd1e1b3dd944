/** Stops the cluster; also ends what a killed one left behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftovers, startedAt } from '../kubelet/process-record.ts';
import type { StateFolder } from '../state-folder.ts';

const patienceMs = 60_000;

export async function down(state: StateFolder, options: { readonly deleteData: boolean }): Promise<void> {
  const running = await state.running();
  if (running) await end(running.pid, state.in('daemon.log'));
  const leftovers = await endLeftovers(state.in('processes'));
  process.stdout.write(
    running || leftovers.length > 0 ? 'The cluster is stopped.\n' : `No cluster is running in ${state.path}; nothing to stop.\n`,
  );
  if (!options.deleteData) return;
  const removed = await state.remove();
  process.stdout.write(removed ? `Its data in ${state.path} is removed.\n` : `There is no cluster's data in ${state.path} to remove.\n`);
}

async function end(pid: number, logFile: string): Promise<void> {
  const started = await startedAt(pid);
  process.kill(pid, 'SIGTERM');
  const giveUp = Date.now() + patienceMs;
  while ((await startedAt(pid)) === started) {
    if (Date.now() > giveUp) throw new Error(`process ${pid} does not end; its log: ${logFile}`);
    await sleep(100);
  }
}
