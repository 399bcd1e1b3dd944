import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { connectionFromEnvironment, connectionFromKubeconfig, connectionInCluster, KubeconfigError } from './connection.ts';
import { ApiUnavailableError } from './errors.ts';
import { namespaces } from './types/core.ts';

type Certificate = Awaited<ReturnType<typeof generate>>;

let folder: string;
let certificate: Certificate;
let server: Server;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-connection-'));
  certificate = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  await writeFile(join(folder, 'ca.crt'), certificate.cert);
  await writeFile(join(folder, 'token'), 'pod-token');
  await writeFile(join(folder, 'namespace'), 'shop\n');
  // Answers with a Namespace that is named after who asks.
  server = createServer(
    { key: certificate.private, cert: certificate.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const peer = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject : undefined;
      response.end(JSON.stringify({ metadata: { name: `${request.headers.authorization ?? 'nobody'}|${String(peer?.CN ?? '')}` } }));
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function kubeconfig(cluster: string, user: string, url = `https://127.0.0.1:${port}`): string {
  return `{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}],
    clusters: [{name: k, cluster: {server: "${url}"${cluster}}}], users: [{name: u, user: {${user}}}]}`;
}

async function whoAmI(text: string): Promise<string | undefined> {
  using client = new KubeClient(connectionFromKubeconfig(text, folder));
  return (await client.get(namespaces, 'x'))?.metadata.name;
}

test('a token and a CA in the kubeconfig', async () => {
  expect(await whoAmI(kubeconfig(`, certificate-authority-data: ${base64(certificate.cert)}`, 'token: mine'))).toBe('Bearer mine|');
});

test('a CA file beside the kubeconfig and a client certificate', async () => {
  const user = `client-certificate-data: ${base64(certificate.cert)}, client-key-data: ${base64(certificate.private)}`;
  expect(await whoAmI(kubeconfig(', certificate-authority: ca.crt', user))).toBe('nobody|kubernetes');
});

test('user name and password', async () => {
  const name = await whoAmI(kubeconfig(', insecure-skip-tls-verify: true', 'username: me, password: secret'));
  expect(name).toBe(`Basic ${base64('me:secret')}|`);
});

test('a plugin that prints a token', async () => {
  const credential = JSON.stringify({ status: { token: 'from-plugin' } });
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: ['${credential}']}`;
  expect(await whoAmI(kubeconfig(', insecure-skip-tls-verify: true', exec))).toBe('Bearer from-plugin|');
});

test('a server with an unknown CA is not talked to', async () => {
  await expect(whoAmI(kubeconfig('', 'token: mine'))).rejects.toBeInstanceOf(ApiUnavailableError);
});

test('in a Pod: the ServiceAccount', async () => {
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
  using client = new KubeClient(connectionInCluster(env, folder));
  expect(client.defaultNamespace).toBe('shop');
  expect((await client.get(namespaces, 'x'))?.metadata.name).toBe('Bearer pod-token|');
});

test.for<[string, () => string, RegExp]>([
  ['plain http beyond loopback', () => kubeconfig('', '', 'http://10.0.0.1:8080'), /plain http is for loopback only/],
  ['no URL', () => kubeconfig('', '', 'kubernetes'), /is not a URL/],
  ['a proxy', () => kubeconfig(', proxy-url: "http://proxy:1"', ''), /proxy-url is not supported/],
  ['an unknown context', () => '{current-context: other}', /no context other/],
  ['no mapping', () => '[]', /not a mapping/],
])('a kubeconfig with %s is refused', ([, text, message]) => {
  expect(() => connectionFromKubeconfig(text(), folder)).toThrow(message);
});

test('a KUBECONFIG that is not there is told with its path', () => {
  expect(() => connectionFromEnvironment({ KUBECONFIG: join(folder, 'none') })).toThrow(KubeconfigError);
});
