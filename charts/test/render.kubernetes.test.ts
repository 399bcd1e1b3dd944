/** What the chart makes of values, and which values it refuses. Needs Helm, which comes with a Kubernetes under test. */
import { customResourceDefinitions } from '@vectorcluster/crds/definitions.ts';
import { clusterRules, leaseRules, watchedRules } from '@vectorcluster/crds/operator-rules.ts';
import { operatorVersion } from '@vectorcluster/operator/version.ts';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { chartFolder, helm, helmVersion, template } from '../src/helm.ts';
import { plainManifests } from '../src/plain-manifests.ts';
import { rendered, type Values } from './rendered.ts';

const everything: Values = {
  'networkPolicy.enabled': true,
  'metrics.serviceMonitor.enabled': true,
  'metrics.podMonitor.enabled': true,
  'metrics.dashboard.enabled': true,
};

describe.runIf((await helmVersion()) !== undefined)('the chart', () => {
  test('passes lint', async () => {
    expect(await helm(['lint', '--strict', chartFolder])).toContain('0 chart(s) failed');
  });

  test('is of the version of the operator', async () => {
    const chart: unknown = parse(await readFile(`${chartFolder}/Chart.yaml`, 'utf8'));
    expect(chart).toMatchObject({ version: operatorVersion, appVersion: operatorVersion });
    const images = ['operator', 'storage-node']
      .map((name) => `- name: ${name}\n  image: vectorcluster/${name}:${operatorVersion}\n`)
      .join('');
    expect(chart).toMatchObject({ annotations: { 'artifacthub.io/images': images } });
  });

  test('watches the namespace of the release unless told otherwise', async () => {
    const objects = await rendered();
    expect(objects.names().filter((name) => !name.startsWith('CustomResourceDefinition'))).toEqual([
      'ClusterRole vectorcluster-operator-shop',
      'ClusterRoleBinding vectorcluster-operator-shop',
      'Deployment shop/vectorcluster-operator',
      'PodDisruptionBudget shop/vectorcluster-operator',
      'Role shop/vectorcluster-operator',
      'Role shop/vectorcluster-operator-lease',
      'RoleBinding shop/vectorcluster-operator',
      'RoleBinding shop/vectorcluster-operator-lease',
      'Service shop/vectorcluster-operator-metrics',
      'ServiceAccount shop/vectorcluster-operator',
      'ValidatingAdmissionPolicy vectorcluster-node-collections',
      'ValidatingAdmissionPolicy vectorcluster-node-shards',
      'ValidatingAdmissionPolicyBinding vectorcluster-node-collections',
      'ValidatingAdmissionPolicyBinding vectorcluster-node-shards',
    ]);
    expect(objects.one('Role', 'vectorcluster-operator')).toMatchObject({ rules: watchedRules });
    expect(objects.one('Role', 'vectorcluster-operator-lease')).toMatchObject({ rules: leaseRules });
    expect(objects.one('ClusterRole')).toMatchObject({ rules: clusterRules });
    expect(environment(objects.one('Deployment'))).toMatchObject({
      NAMESPACE: 'metadata.namespace',
      WATCH_NAMESPACE: 'metadata.namespace',
      STORAGE_NODE_IMAGE: `vectorcluster/storage-node:${operatorVersion}`,
    });
  });

  test('watches another namespace, with rights there and its Lease at home', async () => {
    const objects = await rendered({ 'watch.namespace': 'team-a' });
    expect(objects.names().filter((name) => name.startsWith('Role'))).toEqual([
      'Role shop/vectorcluster-operator-lease',
      'Role team-a/vectorcluster-operator',
      'RoleBinding shop/vectorcluster-operator-lease',
      'RoleBinding team-a/vectorcluster-operator',
    ]);
    expect(environment(objects.one('Deployment'))).toMatchObject({ WATCH_NAMESPACE: 'team-a' });
  });

  test('watches all namespaces', async () => {
    const objects = await rendered({ 'watch.scope': 'Cluster' });
    expect(objects.names().filter((name) => name.startsWith('Role '))).toEqual(['Role shop/vectorcluster-operator-lease']);
    expect(objects.one('ClusterRole')).toMatchObject({ rules: [...clusterRules, ...watchedRules] });
    expect(environment(objects.one('Deployment'))).not.toHaveProperty('WATCH_NAMESPACE');
  });

  test("may do nothing that the namespace's strictest standard forbids", async () => {
    expect((await rendered()).one('Deployment')).toMatchObject({
      spec: {
        replicas: 2,
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                image: `vectorcluster/operator:${operatorVersion}`,
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      },
    });
  });

  test('pins images by digest, from a mirror', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const repository = 'registry.example:5000/mirror/node';
    const objects = await rendered({ 'image.digest': digest, storageNode: { image: { repository, tag: '7', digest } } });
    expect(JSON.stringify(objects.one('Deployment'))).toContain(`"image":"vectorcluster/operator:${operatorVersion}@${digest}"`);
    expect(environment(objects.one('Deployment'))).toMatchObject({ STORAGE_NODE_IMAGE: `${repository}:7@${digest}` });
  });

  test('podTemplates are held to the standard "restricted" unless that is switched off', async () => {
    expect(environment((await rendered()).one('Deployment'))).not.toHaveProperty('ALLOW_UNSAFE_POD_TEMPLATES');
    const allowing = await rendered({ 'storageNode.allowUnsafePodTemplates': true });
    expect(environment(allowing.one('Deployment'))).toMatchObject({ ALLOW_UNSAFE_POD_TEMPLATES: 'true' });
  });

  test('carries the CustomResourceDefinitions as they are generated, and keeps them', async () => {
    const objects = await rendered();
    for (const definition of customResourceDefinitions()) {
      const installed = objects.one('CustomResourceDefinition', definition.metadata.name);
      expect(installed['spec']).toEqual(definition.spec);
      expect(installed.metadata).toMatchObject({ annotations: { 'helm.sh/resource-policy': 'keep' } });
    }
    expect(JSON.stringify((await rendered({ 'crds.keep': false })).objects)).not.toContain('helm.sh/resource-policy');
  });

  test('leaves out what another release installs', async () => {
    const without = await rendered({ 'crds.enabled': false, 'admissionPolicies.enabled': false, 'rbac.create': false, replicaCount: 1 });
    expect(without.names()).toEqual([
      'Deployment shop/vectorcluster-operator',
      'Service shop/vectorcluster-operator-metrics',
      'ServiceAccount shop/vectorcluster-operator',
    ]);
  });

  test('adds monitors, a dashboard and NetworkPolicies when asked', async () => {
    const base = new Set((await rendered()).names());
    const added = async (values: Values) => (await rendered(values)).names().filter((name) => !base.has(name));
    const monitoring = [
      'ConfigMap shop/vectorcluster-operator-dashboard',
      'NetworkPolicy shop/vectorcluster-operator',
      'NetworkPolicy shop/vectorcluster-operator-storage-nodes',
      'PodMonitor shop/vectorcluster-operator-storage-nodes',
      'ServiceMonitor shop/vectorcluster-operator',
    ];
    expect(await added(everything)).toEqual(monitoring);
    const clusterWide = await added({ ...everything, 'watch.scope': 'Cluster' });
    expect(clusterWide).toEqual(monitoring.filter((name) => !name.startsWith('NetworkPolicy shop/vectorcluster-operator-storage')));
  });

  test('names objects after the release', async () => {
    expect((await rendered({}, 'db')).one('Deployment').metadata.name).toBe('db-vectorcluster-operator');
    expect((await rendered({}, 'r'.repeat(53))).one('Deployment').metadata.name.length).toBeLessThanOrEqual(63);
    expect((await rendered({ fullnameOverride: 'vectors' })).one('ServiceAccount').metadata.name).toBe('vectors');
  });

  test('takes names for text that YAML would take for something else', async () => {
    const objects = await rendered({ ...everything, 'serviceAccount.name': 'true', 'watch.namespace': '1e3' }, 'y', '0x10');
    const texts = objects.objects.flatMap(({ metadata }) => [
      metadata.namespace,
      ...Object.values(z.looseObject({}).parse(metadata['labels'])),
    ]);
    expect(texts.filter((text) => text !== undefined && typeof text !== 'string')).toEqual([]);
    expect(objects.one('RoleBinding', 'y-vectorcluster-operator')).toMatchObject({
      metadata: { namespace: '1e3' },
      subjects: [{ name: 'true', namespace: '0x10' }],
    });
    expect(objects.one('Deployment')).toMatchObject({ spec: { template: { spec: { serviceAccountName: 'true' } } } });
  });

  test.for<[string, Values]>([
    ["'/replicaCount'", { replicaCount: 'two' }],
    ["'/image/pullPolicy'", { 'image.pullPolicy': 'Sometimes' }],
    ["'/watch/scope'", { 'watch.scope': 'cluster' }],
    ["'watchAllNamespaces' not allowed", { watchAllNamespaces: true }],
    ["'name' not allowed", { 'image.name': 'operator' }],
    ["'/tolerations/0/effect'", { tolerations: [{ effect: 'Never' }] }],
    ['serviceAccount.name: data-node ends with -node', { 'serviceAccount.name': 'data-node' }],
    ['serviceAccount.name: my-node ends with -node', { fullnameOverride: 'my-node' }],
  ])('refuses and names %s', async ([complaint, values]) => {
    await expect(rendered(values)).rejects.toThrow(complaint);
  });

  test('is what deploy/ was generated from', async () => {
    for (const { path, text } of await plainManifests(template)) {
      const committed = await readFile(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');
      expect(committed, `deploy/${path}: run make generate with helm on PATH and commit it`).toBe(text);
    }
  });
});

/** Values, and the paths of fields for those that come from the Pod. */
function environment(deployment: object): Readonly<Record<string, string>> {
  const text = JSON.stringify(deployment);
  const entries = text.matchAll(/\{"name":"([A-Z_]+)",(?:"value":"([^"]*)"|"valueFrom":\{"fieldRef":\{"fieldPath":"([^"]*)"\}\})\}/g);
  return Object.fromEntries([...entries].map(([, name = '', value, field]) => [name, value ?? field ?? '']));
}
