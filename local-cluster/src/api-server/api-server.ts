/** The embedded Kubernetes-shaped API server: the core, its state directory, and HTTPS on loopback. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { pino, type Logger } from 'pino';
import { ApiCore } from './core/api-core.ts';
import type { ServiceIps } from './core/builtin/strategies.ts';
import { GarbageCollector } from './core/controllers/garbage-collector.ts';
import { NamespaceController } from './core/controllers/namespace-controller.ts';
import { at, isObject, textOf } from './core/json.ts';
import type { StoredObject } from './core/object.ts';
import { certificateFor } from './credentials/certificates.ts';
import { kubeconfig } from './credentials/kubeconfig.ts';
import { administrator, Tokens, type NameAndUid, type ServiceAccountName } from './credentials/tokens.ts';
import { startHttpServer } from './http/server.ts';
import type { StreamOptions } from './http/watch-stream.ts';
import { openStore } from './persistence/persistent-store.ts';

export interface ApiServerOptions {
  readonly stateDirectory: string;
  /** A loopback address. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** CustomResourceDefinitions to install or bring up to date. */
  readonly crds?: readonly unknown[];
  /** A cluster IP that no Service has; undefined when there is none left. */
  readonly allocateServiceIp?: (service: StoredObject, used: ReadonlySet<string>) => string | undefined;
  readonly logger?: Logger;
  readonly now?: () => Date;
  readonly stream?: Partial<StreamOptions>;
  readonly snapshotAfterBytes?: number;
}

export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly core: ApiCore;
  /** YAML; every right. */
  adminKubeconfig(): string;
  /** YAML; the rights of a ServiceAccount, for one Pod of it. */
  kubeconfigFor(account: ServiceAccountName, pod: PodOnNode): string;
  /** Resolves when everything written through `core` is durable and seen by watches. */
  settled(): Promise<void>;
}

export interface PodOnNode extends NameAndUid {
  readonly node: string;
}

const accountTokenYears = 1;
const firstNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { stateDirectory, host } = options;
  const logger = options.logger ?? pino({ level: 'silent' });
  const now = options.now ?? (() => new Date());
  await using opening = new AsyncDisposableStack();
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const certificate = await certificateFor(stateDirectory, host, now());
  const tokens = await Tokens.open(stateDirectory);
  const persistent = opening.use(
    await openStore({
      directory: `${stateDirectory}/store`,
      onFailure: (error) => logger.fatal({ err: error }, 'state directory cannot be written'),
      ...(options.snapshotAfterBytes !== undefined && { snapshotAfterBytes: options.snapshotAfterBytes }),
    }),
  );
  const { store, settled } = persistent;
  const serviceIps: ServiceIps = { allocate: (service) => options.allocateServiceIp?.(service, usedIps(store.values('services'))) };
  const core = new ApiCore({ store, now, newUid: randomUUID, random: Math.random, serviceIps });
  prepareCluster(core, options.crds ?? []);
  opening.defer(runControllers(core));
  await settled();
  const http = opening.use(
    await startHttpServer({
      core,
      tokens,
      certificate,
      host,
      port: options.port,
      settled,
      logger,
      ...(options.stream && { stream: options.stream }),
    }),
  );
  const url = `https://${host}:${http.port}`;
  logger.info({ url }, 'api server listening');
  const running = opening.move();
  return {
    url,
    caPem: certificate.certPem,
    core,
    adminKubeconfig: () => kubeconfig({ url, caPem: certificate.certPem, user: administrator.name, token: tokens.administratorToken() }),
    kubeconfigFor: (account, { node, ...pod }) => {
      const expires = new Date(now());
      expires.setFullYear(expires.getFullYear() + accountTokenYears);
      const uid = core.peek(core.resource('v1', 'serviceaccounts'), account.namespace, account.serviceAccount)?.metadata.uid;
      const nodeUid = core.peek(core.resource('v1', 'nodes'), undefined, node)?.metadata.uid;
      const token = tokens.serviceAccountToken(account, { expires, uid, pod, node: { name: node, uid: nodeUid } });
      return kubeconfig({ url, caPem: certificate.certPem, user: account.serviceAccount, token, namespace: account.namespace });
    },
    settled,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function usedIps(services: Iterable<StoredObject>): Set<string> {
  const used = new Set<string>();
  for (const service of services) {
    const address = textOf(at(service, 'spec', 'clusterIP'));
    if (address !== undefined) used.add(address);
  }
  return used;
}

const clusterAdmin = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'cluster-admin' },
  rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
};

/** What a new cluster has before anybody asks. */
function prepareCluster(core: ApiCore, crds: readonly unknown[]): void {
  const namespaces = core.resource('v1', 'namespaces');
  for (const name of firstNamespaces) {
    if (core.peek(namespaces, undefined, name) === undefined) {
      core.create(
        { resource: namespaces, namespace: undefined, name },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
        { fieldManager: 'kube-apiserver' },
      );
    }
  }
  const roles = core.resource('rbac.authorization.k8s.io/v1', 'clusterroles');
  core.apply({ resource: roles, namespace: undefined, name: 'cluster-admin' }, clusterAdmin, {
    fieldManager: 'kube-apiserver',
    force: true,
  });
  const definitions = core.resource('apiextensions.k8s.io/v1', 'customresourcedefinitions');
  for (const crd of crds) {
    if (!isObject(crd)) throw new TypeError('a CustomResourceDefinition must be an object');
    const name = textOf(at(crd, 'metadata', 'name')) ?? '';
    core.apply({ resource: definitions, namespace: undefined, name }, crd, { fieldManager: 'local-cluster', force: true });
  }
}

/** Runs what follows from each change, in a turn of its own, until stopped. */
function runControllers(core: ApiCore): () => void {
  const garbage = new GarbageCollector(core);
  const namespaces = new NamespaceController(core);
  garbage.observeAll();
  let turn: NodeJS.Immediate | undefined;
  const run = (): void => {
    turn = undefined;
    garbage.run();
    namespaces.run();
  };
  const stop = core.store.subscribe((change) => {
    garbage.observe(change);
    namespaces.observe(change);
    turn ??= setImmediate(run);
  });
  run();
  return () => {
    stop();
    clearImmediate(turn);
  };
}
