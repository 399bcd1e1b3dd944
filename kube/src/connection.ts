/** Where the API server is and who we are: from a kubeconfig, or from the ServiceAccount that a Pod is given. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { newClusters, newContexts, newUsers, type Cluster, type User } from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { credentialsOf, fileToken, type Credentials } from './credentials.ts';
import { isRecord, recordIn, stringIn, type JsonRecord } from './json.ts';

export interface Connection {
  readonly server: URL;
  readonly tls: {
    readonly ca?: string | Buffer | undefined;
    readonly cert?: string | Buffer | undefined;
    readonly key?: string | Buffer | undefined;
    readonly servername?: string | undefined;
    readonly rejectUnauthorized?: boolean | undefined;
  };
  readonly credentials: Credentials;
  /** Namespace of the context, or of the Pod. */
  readonly namespace: string | undefined;
}

export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** KUBECONFIG (its first file), else the Pod's ServiceAccount, else ~/.kube/config. */
export function connectionFromEnvironment(env: NodeJS.ProcessEnv): Connection {
  const file = env['KUBECONFIG']?.split(':').find((path) => path !== '');
  if (file !== undefined) return connectionFromKubeconfig(readKubeconfig(file), dirname(resolve(file)));
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return connectionInCluster(env, serviceAccountFolder);
  const personal = resolve(homedir(), '.kube/config');
  return connectionFromKubeconfig(readKubeconfig(personal), dirname(personal));
}

export function connectionInCluster(env: NodeJS.ProcessEnv, folder: string): Connection {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    tls: { ca: readFileSync(`${folder}/ca.crt`) },
    credentials: fileToken(`${folder}/token`),
    namespace: readFileSync(`${folder}/namespace`, 'utf8').trim(),
  };
}

/** `folder` is what relative paths in the text are relative to. */
export function connectionFromKubeconfig(text: string, folder: string): Connection {
  const config: unknown = parse(text);
  if (!isRecord(config)) throw new KubeconfigError('the kubeconfig is not a mapping');
  const contextName = stringIn(config, 'current-context');
  const context = named(newContexts(listIn(config, 'contexts')), contextName, 'context');
  const cluster = named(newClusters(listIn(config, 'clusters')), context.cluster, 'cluster');
  const user: User = context.user === undefined ? { name: '' } : named(newUsers(listIn(config, 'users')), context.user, 'user');
  const inFolder = (path: string): string => resolve(folder, path);
  if (cluster.proxyUrl) throw new KubeconfigError(`cluster ${cluster.name}: proxy-url is not supported`);
  return {
    server: serverOf(cluster),
    tls: {
      ca: fileOrData(cluster.caFile, cluster.caData, inFolder),
      cert: fileOrData(user.certFile, user.certData, inFolder),
      key: fileOrData(user.keyFile, user.keyData, inFolder),
      servername: cluster.tlsServerName,
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
    },
    credentials: credentialsOf(user, tokenFileOf(config, user.name), inFolder),
    namespace: context.namespace,
  };
}

function serverOf(cluster: Cluster): URL {
  const url = URL.parse(cluster.server);
  if (url === null) throw new KubeconfigError(`cluster ${cluster.name}: server ${cluster.server} is not a URL`);
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback) {
    throw new KubeconfigError(`cluster ${cluster.name}: plain http is for loopback only, ${url.hostname} needs https`);
  }
  return url;
}

function readKubeconfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(`no Kubernetes to talk to: ${file} cannot be read; set KUBECONFIG or run in a Pod`, { cause });
  }
}

function named<T extends { readonly name: string }>(entries: readonly T[], name: string | undefined, what: string): T {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new KubeconfigError(`the kubeconfig has no ${what} ${name ?? '(none is named)'}`);
  return found;
}

function listIn(config: JsonRecord, field: string): unknown[] {
  const value = config[field];
  return Array.isArray(value) ? value : [];
}

/** The client library's parser does not know `tokenFile`. */
function tokenFileOf(config: JsonRecord, userName: string): string | undefined {
  const entry = listIn(config, 'users').find((candidate) => isRecord(candidate) && candidate['name'] === userName);
  const user = isRecord(entry) ? recordIn(entry, 'user') : undefined;
  return user === undefined ? undefined : stringIn(user, 'tokenFile');
}

function fileOrData(file: string | undefined, data: string | undefined, inFolder: (path: string) => string): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  return file ? readFileSync(inFolder(file)) : undefined;
}
