/** A way from this machine to one Pod, whatever the cluster's network: `kubectl port-forward`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CommandError } from './kubectl.ts';

export interface PortForward extends AsyncDisposable {
  readonly url: string;
}

export async function forwardTo(namespace: string, target: string, port: number): Promise<PortForward> {
  const child = spawn('kubectl', ['--namespace', namespace, 'port-forward', target, `:${port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill();
    await ended;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const local = /^Forwarding from (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (local === undefined) continue;
    child.stdout.resume();
    return { url: `http://${local}`, [Symbol.asyncDispose]: stop };
  }
  throw new CommandError(`kubectl port-forward ${target} ended before it forwarded`);
}
