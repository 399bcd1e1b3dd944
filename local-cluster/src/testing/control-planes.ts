/**
 * The API servers a suite runs against: the embedded one always, and a real etcd with kube-apiserver and kube-controller-manager when
 * KUBEBUILDER_ASSETS names the folder that holds them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApiServer } from '../api-server/api-server.ts';
import { startRealControlPlane } from './real-control-plane.ts';

export interface RunningControlPlane extends AsyncDisposable {
  /** YAML, with every right. */
  readonly kubeconfig: string;
}

export interface ControlPlane {
  readonly name: string;
  start(options?: { readonly crds?: readonly unknown[] }): Promise<RunningControlPlane>;
}

export function controlPlanes(): readonly ControlPlane[] {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  const embedded: ControlPlane = { name: 'embedded', start: startEmbedded };
  if (assets === undefined || assets === '') return [embedded];
  return [embedded, { name: 'kube-apiserver', start: (options) => startRealControlPlane(assets, options?.crds ?? []) }];
}

async function startEmbedded(options: { readonly crds?: readonly unknown[] } = {}): Promise<RunningControlPlane> {
  await using opening = new AsyncDisposableStack();
  const stateDirectory = await mkdtemp(join(tmpdir(), 'api-server-'));
  opening.defer(() => rm(stateDirectory, { recursive: true, force: true }));
  let next = 1;
  const server = opening.use(
    await startApiServer({
      stateDirectory,
      host: '127.0.0.1',
      port: 0,
      crds: options.crds ?? [],
      allocateServiceIp: () => `127.0.200.${next++}`,
      stream: { bookmarkIntervalMs: 500 },
    }),
  );
  const running = opening.move();
  return { kubeconfig: server.adminKubeconfig(), [Symbol.asyncDispose]: () => running.disposeAsync() };
}
