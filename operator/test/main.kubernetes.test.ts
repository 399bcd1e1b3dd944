import { customResourceDefinitions } from '@vectorcluster/crds/definitions.ts';
import { connectionFromKubeconfig } from '@vectorcluster/kube/connection.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { leases } from '@vectorcluster/kube/types/coordination.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const eventually = { timeout: 30_000, interval: 50 };

test.each(controlPlanes())('the process leads, says how it is, and gives the lease back at SIGTERM, on $name', async (plane) => {
  await using cleanup = new AsyncDisposableStack();
  const { kubeconfig } = cleanup.use(await plane.start({ crds: customResourceDefinitions() }));
  const folder = await mkdtemp(join(tmpdir(), 'operator-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'kubeconfig'), kubeconfig, { mode: 0o600 });
  const client = cleanup.use(new KubeClient(connectionFromKubeconfig(kubeconfig, folder)));
  const port = await freePort();

  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: join(folder, 'kubeconfig'),
      NAMESPACE: 'default',
      POD_NAME: 'operator-0',
      LISTEN_HOST: '127.0.0.1',
      METRICS_PORT: String(port),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  cleanup.defer(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const getOr = (path: string) => get(path).catch(() => 'not listening');
  const holder = async () => (await client.get(leases, 'vectorcluster-operator', 'default'))?.spec?.holderIdentity ?? '';

  await expect.poll(holder, eventually).toMatch(/^operator-0-/);
  await expect.poll(() => getOr('/readyz'), eventually).toBe('ok');
  expect(await get('/healthz')).toBe('ok');
  await expect.poll(() => getOr('/metrics'), eventually).toContain('vectorcluster_operator_leading 1');

  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(await holder()).toBe('');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
