/** etcd, kube-apiserver and kube-controller-manager on free loopback ports, in a folder of their own that goes with them. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, listOf, textOf } from '../api-server/core/json.ts';
import { certificateFor } from '../api-server/credentials/certificates.ts';
import { kubeconfig } from '../api-server/credentials/kubeconfig.ts';
import { lastLines, startTethered, type TetheredProgram } from './child-process.ts';
import type { RunningControlPlane } from './control-planes.ts';
import { KubernetesConnection } from './kubernetes-connection.ts';

const startDeadlineMs = 90_000;

export async function startRealControlPlane(assets: string, crds: readonly unknown[]): Promise<RunningControlPlane> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'control-plane-'));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const [etcdPort, peerPort, apiPort, managerPort] = await freePorts();
  const program = (name: string, args: readonly string[]): TetheredProgram =>
    opening.use(startTethered(name, join(assets, name), args, join(folder, `${name}.log`)));

  const token = randomBytes(24).toString('hex');
  const certificate = await certificateFor(folder, '127.0.0.1', new Date());
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = (name: string): string => join(folder, name);
  await writeFile(file('tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  await writeFile(file('accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  await writeFile(file('accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const config = kubeconfig({ url: `https://127.0.0.1:${apiPort}`, caPem: certificate.certPem, user: 'admin', token });
  await writeFile(file('kubeconfig'), config, { mode: 0o600 });

  const etcd = program('etcd', etcdFlags(file('etcd'), etcdPort, peerPort));
  const apiServer = program('kube-apiserver', apiServerFlags(file, apiPort, etcdPort));
  const connection = KubernetesConnection.fromKubeconfig(config);
  opening.defer(() => connection.close());
  await until(async () => (await connection.request('GET', '/readyz')).code === 200, [etcd, apiServer]);
  const manager = program('kube-controller-manager', managerFlags(file, managerPort));
  await until(
    async () => (await connection.request('GET', '/api/v1/namespaces/default/serviceaccounts/default')).code === 200,
    [apiServer, manager],
  );
  for (const crd of crds) await install(connection, crd, apiServer);
  const running = opening.move();
  return { kubeconfig: config, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function install(connection: KubernetesConnection, crd: unknown, apiServer: TetheredProgram): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const { code, body } = await connection.request('POST', path, { body: crd });
  if (code !== 201) throw new Error(`a CustomResourceDefinition was refused: ${textOf(body['message']) ?? code}`);
  const group = textOf(at(body, 'spec', 'group'));
  const version = textOf(at(listOf(at(body, 'spec', 'versions'))[0], 'name'));
  const list = `/apis/${group}/${version}/${textOf(at(body, 'spec', 'names', 'plural'))}`;
  await until(async () => (await connection.request('GET', list)).code === 200, [apiServer]);
}

async function until(isSo: () => Promise<boolean>, programs: readonly TetheredProgram[]): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    if (Date.now() > deadline) {
      const logs = await Promise.all(programs.map(async (program) => `${program.name}:\n${await lastLines(program)}`));
      throw new Error(`the control plane did not get ready in ${startDeadlineMs / 1000} s\n${logs.join('\n')}`);
    }
    await sleep(100);
  }
}

const flags = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

function etcdFlags(data: string, port: number, peerPort: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  return flags({
    'data-dir': data,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'unsafe-no-fsync': 'true',
    'log-level': 'warn',
  });
}

function apiServerFlags(file: (name: string) => string, port: number, etcdPort: number): string[] {
  return flags({
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': port,
    'service-cluster-ip-range': '10.96.0.0/16',
    'authorization-mode': 'RBAC',
    'token-auth-file': file('tokens.csv'),
    'tls-cert-file': file('server.crt'),
    'tls-private-key-file': file('server.key'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': file('accounts.pub'),
    'service-account-signing-key-file': file('accounts.key'),
  });
}

function managerFlags(file: (name: string) => string, port: number): string[] {
  return flags({
    kubeconfig: file('kubeconfig'),
    'leader-elect': 'false',
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'service-account-private-key-file': file('accounts.key'),
    'root-ca-file': file('server.crt'),
    'kube-api-qps': 200,
    'kube-api-burst': 400,
  });
}

/** Ports nobody listens on now. */
async function freePorts(): Promise<readonly [number, number, number, number]> {
  const servers = await Promise.all(
    [0, 1, 2, 3].map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [first = 0, second = 0, third = 0, fourth = 0] = ports;
  return [first, second, third, fourth];
}
