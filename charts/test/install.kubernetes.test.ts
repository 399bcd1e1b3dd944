/** Installing, upgrading and uninstalling on a real kube-apiserver, and whether the rights that the chart gives suffice the operator. */
import { pods } from '@vectorcluster/kube/types/core.ts';
import { leases } from '@vectorcluster/kube/types/coordination.ts';
import { vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { chartFolder } from '../src/helm.ts';
import { startInstallation, type Installation } from './installation.ts';
import { monitoringKinds } from './monitoring-kinds.ts';
import { startOperatorProcess } from './operator-process.ts';
import { rendered } from './rendered.ts';

const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
const root = fileURLToPath(new URL('../../', import.meta.url));
const quickstart = join(root, 'crds/samples/quickstart.yaml');
const ofCluster = 'vectorcluster.io/cluster=shop';
const subject = z.looseObject({ namespace: z.string().optional() });
const manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  subjects: z.array(subject).optional(),
});
const manifestsOf = (text: string) => parseAllDocuments(text).map((document) => manifest.parse(document.toJS()));
const eventually = { timeout: 30_000, interval: 100 };

describe.runIf(assets !== '')('on kube-apiserver', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation(assets);
    for (const namespace of ['shop', 'other', 'vectorcluster-system']) await installation.addNamespace(namespace);
  });
  afterAll(() => installation?.[Symbol.asyncDispose]());

  const install = (...flags: readonly string[]) =>
    installation.helm('upgrade', '--install', 'vectorcluster', chartFolder, '--namespace', 'shop', ...flags);
  const uninstall = () => installation.helm('uninstall', 'vectorcluster', '--namespace', 'shop', '--wait');
  const definition = () => installation.kubectl('get', 'crd', 'vectorclusters.vectorcluster.io', '-o', 'yaml');

  test.for(['Namespace', 'Cluster'])('with scope %s, every object is accepted as it is: no field is unknown or doubled', async (scope) => {
    const kinds = join(installation.folder, 'monitoring.yaml');
    await writeFile(kinds, monitoringKinds.map((kind) => stringify(kind)).join('---\n'));
    await installation.kubectl('apply', '-f', kinds);
    await installation.kubectl('wait', '--for=condition=Established', '-f', kinds);
    const { objects } = await rendered({
      'watch.scope': scope,
      'networkPolicy.enabled': true,
      'networkPolicy.clients': [{ podSelector: { matchLabels: { app: 'search' } } }],
      'networkPolicy.monitoring': [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      'networkPolicy.egress': [{ ports: [{ port: 4318 }] }],
      'metrics.serviceMonitor.enabled': true,
      'metrics.podMonitor.enabled': true,
      'metrics.dashboard.enabled': true,
      extraEnv: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' }],
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-cluster-critical',
      'image.pullSecrets': [{ name: 'registry' }],
      podLabels: { team: 'search' },
      podAnnotations: { note: 'x' },
    });
    const file = join(installation.folder, 'everything.yaml');
    await writeFile(file, objects.map((object) => stringify(object)).join('---\n'));
    const told = await installation.kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file);
    expect(told.trim().split('\n')).toHaveLength(objects.length);
  });

  test.for(['deploy', 'deploy/cluster-wide'])('kubectl apply -k %s is accepted', async (folder) => {
    const told = await installation.kubectl('apply', '--dry-run=server', '--validate=strict', '-k', join(root, folder));
    expect(told).toContain('deployment.apps/vectorcluster-operator created');
  });

  test('what is applied is what is stored, so that who applies it again and again changes nothing', async () => {
    // A control plane of its own: taken away again soon after they were made, definitions may wait for minutes to end.
    await using manifests = await startInstallation(assets);
    const folder = join(root, 'deploy');
    await manifests.kubectl('apply', '--server-side', '-k', folder);
    const wanted = manifestsOf(await manifests.kubectl('kustomize', folder));
    const stored = manifestsOf(await manifests.kubectl('get', '-k', folder, '-o', 'jsonpath={range .items[*]}---{"\\n"}{@}{"\\n"}{end}'));
    for (const { kind, metadata, ...rest } of wanted) {
      expect(stored.find((each) => each.kind === kind && each.metadata.name === metadata.name)).toMatchObject(rest);
    }
  });

  test('an overlay moves it to another namespace, with all that refers to it', async () => {
    const overlay = join(installation.folder, 'overlay');
    await mkdir(overlay);
    const kustomization = { kind: 'Kustomization', namespace: 'other', resources: [relative(overlay, join(root, 'deploy'))] };
    await writeFile(join(overlay, 'kustomization.yaml'), stringify(kustomization));
    const objects = manifestsOf(await installation.kubectl('kustomize', overlay));
    const namespaces = objects.flatMap(({ metadata, subjects }) => [metadata.namespace, ...(subjects ?? []).map((each) => each.namespace)]);
    expect(new Set(namespaces)).toEqual(new Set([undefined, 'other']));
  });

  test('an upgrade brings the CustomResourceDefinitions up to date', async () => {
    const older = join(installation.folder, 'older');
    await cp(chartFolder, older, { recursive: true });
    const file = join(older, 'files/crds/vectorclusters.vectorcluster.io.yaml');
    const text = await readFile(file, 'utf8');
    const withoutColumn = text.replace(/ +- name: Endpoint\n( {10}.*\n)+/, '');
    expect(withoutColumn).not.toBe(text);
    await writeFile(file, withoutColumn);
    await installation.helm('install', 'vectorcluster', older, '--namespace', 'shop');
    expect(await definition()).not.toContain('name: Endpoint');
    await install();
    expect(await definition()).toContain('name: Endpoint');
  });

  test('says what to do next', async () => {
    expect(await install()).toContain('kubectl wait --namespace shop --for=condition=Ready --timeout=5m vectorcluster/shop');
  });

  test("the operator's Pods are admitted where only restricted ones are", async () => {
    await expect.poll(async () => (await podsOf('shop', 'app.kubernetes.io/component=operator')).length, eventually).toBe(2);
  });

  test('the rights of one namespace suffice there, and are not used elsewhere', async () => {
    const environment = {
      NAMESPACE: 'shop',
      WATCH_NAMESPACE: 'shop',
      KUBECONFIG: await installation.kubeconfigOf('shop', 'vectorcluster-operator'),
    };
    await using operator = startOperatorProcess(environment);
    await installation.kubectl('apply', '--namespace', 'shop', '-f', quickstart);
    await installation.kubectl('apply', '--namespace', 'other', '-f', quickstart);
    await expect.poll(() => podsOf('shop', ofCluster), eventually).toEqual(['shop-data-0', 'shop-data-1', 'shop-data-2']);
    expect(await installation.client.get(vectorPools, 'shop-data', 'other')).toBeUndefined();
    expect(operator.refused).toEqual([]);
  });

  test('the rights of the whole cluster suffice in every namespace', async () => {
    await install('--set', 'watch.scope=Cluster');
    const environment = { NAMESPACE: 'shop', KUBECONFIG: await installation.kubeconfigOf('shop', 'vectorcluster-operator') };
    await using operator = startOperatorProcess(environment);
    await expect.poll(() => podsOf('other', ofCluster), eventually).toEqual(['shop-data-0', 'shop-data-1', 'shop-data-2']);
    expect(operator.refused).toEqual([]);
  });

  test('the Lease is in the namespace of the release', async () => {
    expect(await installation.client.get(leases, 'vectorcluster-operator', 'shop')).toBeDefined();
  });

  test('uninstalling keeps the definitions, the policies and the clusters; installing again takes them over', async () => {
    await uninstall();
    const kept = await installation.kubectl('get', 'crd,validatingadmissionpolicies,vc,deployments', '--namespace', 'shop', '-o', 'name');
    expect(kept.split('\n').filter((name) => name.includes('vector'))).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/vectorclusters.vectorcluster.io',
      'customresourcedefinition.apiextensions.k8s.io/vectorcollections.vectorcluster.io',
      'customresourcedefinition.apiextensions.k8s.io/vectorpools.vectorcluster.io',
      'customresourcedefinition.apiextensions.k8s.io/vectorshards.vectorcluster.io',
      'validatingadmissionpolicy.admissionregistration.k8s.io/vectorcluster-node-collections',
      'validatingadmissionpolicy.admissionregistration.k8s.io/vectorcluster-node-shards',
      'vectorcluster.vectorcluster.io/shop',
    ]);
    expect(await install()).toContain('STATUS: deployed');
  });

  async function podsOf(namespace: string, labelSelector: string): Promise<readonly string[]> {
    const { items } = await installation.client.list(pods, { namespace, labelSelector });
    return items.map(({ metadata }) => metadata.name).toSorted();
  }
});
