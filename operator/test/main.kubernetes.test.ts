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

test.each(controlPlanes())(
  'a process leads, another waits, both say how it is, and the Lease goes over at SIGTERM, on $name',
  async (plane) => {
    await using cleanup = new AsyncDisposableStack();
    const { kubeconfig } = cleanup.use(await plane.start({ crds: customResourceDefinitions() }));
    const folder = cleanup.adopt(await mkdtemp(join(tmpdir(), 'operator-')), (path) => rm(path, { recursive: true, force: true }));
    await writeFile(join(folder, 'kubeconfig'), kubeconfig, { mode: 0o600 });
    const client = cleanup.use(new KubeClient(connectionFromKubeconfig(kubeconfig, folder)));
    const holder = async () => (await client.get(leases, 'vectorcluster-operator', 'default'))?.spec?.holderIdentity ?? '';

    const first = cleanup.use(await startProcess('operator-0', folder));
    await expect.poll(holder, eventually).toMatch(/^operator-0-/);
    await expect.poll(() => first.get('/readyz'), eventually).toBe('ok');
    expect(await first.get('/healthz')).toBe('ok');
    await expect.poll(() => first.get('/metrics'), eventually).toContain('vectorcluster_operator_leading 1');

    const second = cleanup.use(await startProcess('operator-1', folder));
    await expect.poll(() => second.get('/readyz'), eventually).toContain('nor has a leader been seen');
    await expect.poll(() => second.get('/readyz'), eventually).toBe('ok');
    expect(await second.get('/metrics')).toContain('vectorcluster_operator_leading 0');

    expect(await first.stop()).toEqual([0, null]);
    await expect.poll(holder, eventually).toMatch(/^operator-1-/);
    await expect.poll(() => second.get('/readyz'), eventually).toBe('ok');
    expect(await second.stop()).toEqual([0, null]);
    expect(await holder()).toBe('');
  },
);

test.each(controlPlanes())('an operator whose CustomResourceDefinitions are not installed is not ready, on $name', async (plane) => {
  await using cleanup = new AsyncDisposableStack();
  const { kubeconfig } = cleanup.use(await plane.start());
  const folder = cleanup.adopt(await mkdtemp(join(tmpdir(), 'operator-')), (path) => rm(path, { recursive: true, force: true }));
  await writeFile(join(folder, 'kubeconfig'), kubeconfig, { mode: 0o600 });
  const alone = cleanup.use(await startProcess('operator-0', folder));
  await expect.poll(() => alone.get('/readyz'), eventually).toContain('the caches are not filled');
});

async function startProcess(name: string, folder: string) {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: join(folder, 'kubeconfig'),
      NAMESPACE: 'default',
      POD_NAME: name,
      LISTEN_HOST: '127.0.0.1',
      METRICS_PORT: String(port),
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    get: (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`)
        .then((response) => response.text())
        .catch(() => 'not listening'),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
