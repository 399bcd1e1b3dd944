/** The operator as a process beside the API server, with the environment that a Deployment gives and the rights of its account. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(import.meta.resolve('@vectorcluster/operator/main.ts'));

export interface OperatorProcess extends AsyncDisposable {
  /** Log lines about what it may not do. */
  readonly refused: readonly string[];
}

export function startOperatorProcess(environment: Readonly<Record<string, string>>): OperatorProcess {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], LISTEN_HOST: '127.0.0.1', METRICS_PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const refused: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/forbidden/i.test(line)) refused.push(line);
  });
  return {
    refused,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
