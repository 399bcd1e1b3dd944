/** The stock Python client, in its own process. Skipped with a message where the virtual environment is not there: `.ci/run` makes it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const python = fileURLToPath(new URL('../../../.cache/venv/bin/python', import.meta.url));
const script = fileURLToPath(new URL('../python/contract.py', import.meta.url));
const installed = existsSync(python);

export interface Ports {
  readonly host: string;
  readonly rest: number;
  readonly grpc: number;
}

export function pythonContract(ports: () => Ports): void {
  describe.runIf(installed)('the stock Python client', () => {
    test('works by REST and by gRPC', async () => {
      const { host, rest, grpc } = ports();
      const { stdout } = await promisify(execFile)(python, ['-W', 'error::UserWarning', script, host, String(rest), String(grpc)]);
      expect(stdout).toBe('rest ok\ngrpc ok\n');
    });
  });
  test.skipIf(installed)('the stock Python client: skipped, .ci/run installs it into .cache/venv', () => expect(installed).toBe(false));
}
