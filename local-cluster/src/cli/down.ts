/** Stops the cluster; also ends what a killed one left behind. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftovers, startedAt } from '../kubelet/process-record.ts';
import type { StateFolder } from '../state-folder.ts';

const patienceMs = 60_000;

export async function down(state: StateFolder, options: { readonly deleteData: boolean }): Promise<void> {
  const pid = await state.runningPid();
  if (pid !== undefined) {
    const started = await startedAt(pid);
    process.kill(pid, 'SIGTERM');
    const giveUp = Date.now() + patienceMs;
    while ((await startedAt(pid)) === started) {
      if (Date.now() > giveUp) throw new Error(`process ${pid} does not end; its log: ${state.in('daemon.log')}`);
      await sleep(100);
    }
  }
  const leftovers = await endLeftovers(state.in('processes'));
  process.stdout.write(pid === undefined && leftovers.length === 0 ? 'No cluster is running here.\n' : 'The cluster is stopped.\n');
  if (options.deleteData) {
    await rm(state.path, { recursive: true, force: true });
    process.stdout.write(`Its data in ${state.path} is removed.\n`);
  }
}
