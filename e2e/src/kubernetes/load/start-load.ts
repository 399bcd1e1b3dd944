/** Clients in a Pod, and the way to tell them which phase begins. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CommandError } from '../kubectl.ts';
import { loadPodName, nodeBinary, programFolder } from './load-pod.ts';
import { parseLoadRecord, type LoadRecord } from './load-record.ts';
import { programPath } from './program-files.ts';
import type { LoadPlan } from './program/load-plan.ts';

export interface Load extends AsyncDisposable {
  /** What is answered from now on is told under this name. Resolves to the number of requests before. */
  phase(name: string): Promise<number>;
  /** Ends the load and has every acknowledged point read again. */
  stop(): Promise<LoadRecord>;
}

export async function startLoad(namespace: string, plan: LoadPlan): Promise<Load> {
  const command = [nodeBinary, `${programFolder}/${programPath}`, JSON.stringify(plan)];
  const child = spawn('kubectl', ['--namespace', namespace, 'exec', '--stdin', loadPodName, '--', ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Over WebSockets, kubectl gives a stream up for good as soon as it is late with one heartbeat, as it is on a busy machine.
    env: { ...process.env, KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' },
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { done, value } = await lines.next();
    if (done === true) throw new CommandError('the clients ended before they were told to');
    return value;
  };
  await nextLine();
  return {
    phase: async (name) => {
      child.stdin.write(`${name}\n`);
      return Number(await nextLine());
    },
    stop: async () => {
      child.stdin.end();
      const record = parseLoadRecord(await nextLine());
      await ended;
      return record;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await ended;
    },
  };
}
