/** What a podTemplate may say, and with which words it is refused, on every API server. */
import { KubeClient } from '@vectorcluster/kube/client.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import { vectorClusters, vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../src/bootstrap/definitions.ts';
import { controlPlanes, type RunningControlPlane } from '../src/testing/control-planes.ts';
import { refusal } from './refusal.ts';

const accepted = /^not refused$/;
const mount = (name: string, mountPath: string, readOnly?: boolean) => ({ volumeMounts: [{ name, mountPath, readOnly }] });
const containers = (...all: readonly object[]) => ({ spec: { containers: all } });
const storageNode = (more: object) => containers({ name: 'storage-node', ...more });
const sidecar = (more: object) => containers({ name: 'log', image: 'log:1', ...more });

describe.each(controlPlanes())('$name', (controlPlane) => {
  let running: RunningControlPlane;
  let client: KubeClient;
  let names = 0;
  beforeAll(async () => {
    running = await controlPlane.start({ crds: await customResourceDefinitions() });
    client = KubeClient.fromKubeconfig(running.kubeconfig);
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    await running[Symbol.asyncDispose]();
  });

  const create = (podTemplate: object) => {
    const spec = { pools: [{ name: 'data', role: 'Data', storage: { size: '1Gi' }, podTemplate }] };
    const object: KubeObject & { spec: object } = {
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCluster',
      metadata: { name: `cluster-${++names}`, namespace: 'default' },
      spec,
    };
    return client.create<KubeObject>(vectorClusters, object);
  };
  test.for<[string, object, RegExp]>([
    ['nothing', {}, accepted],
    ['labels and annotations', { metadata: { labels: { team: 'a' }, annotations: { scrape: 'true' } } }, accepted],
    ['a label of ours', { metadata: { labels: { 'vectorcluster.io/zone': 'b' } } }, /are the operator's: choose other keys/],
    ['a label that Services select by', { metadata: { labels: { 'app.kubernetes.io/component': 'x' } } }, /choose other keys/],
    ['an annotation of ours', { metadata: { annotations: { 'vectorcluster.io/template-hash': 'x' } } }, /choose other keys/],
    ['env', storageNode({ env: [{ name: 'LOG_LEVEL', value: 'debug' }] }), accepted],
    ['env of ours', storageNode({ env: [{ name: 'NODE_NAME', value: 'x' }] }), /a variable that the operator sets: leave out CLUSTER_NAME/],
    ['the same env twice', storageNode({ env: [{ name: 'A' }, { name: 'A' }] }), /Duplicate value/],
    ['an image', storageNode({ image: 'x' }), /use spec.image or spec.version of the VectorCluster/],
    ['resources', storageNode({ resources: { limits: { cpu: '1' } } }), /use resources of the pool/],
    ['a probe', storageNode({ livenessProbe: { exec: { command: ['true'] } } }), /are the operator's: leave them out/],
    ['a command', storageNode({ command: ['sh'] }), /are the operator's: leave them out/],
    ['a mount', storageNode(mount('certs', '/certs')), accepted],
    ['a mount over the data', storageNode(mount('certs', '/var/lib/vectorcluster')), /choose another mountPath/],
    ['a mount below the data', storageNode(mount('certs', '/var/lib/vectorcluster/log')), /choose another mountPath/],
    ['a mount beside the data', storageNode(mount('certs', '/var/lib/vectorclusters')), accepted],
    ['a sidecar', sidecar({ resources: { limits: { cpu: '1' } }, livenessProbe: { exec: { command: ['true'] } }, tty: true }), accepted],
    ['a sidecar without image', containers({ name: 'log' }), /image is missing/],
    ['a sidecar that reads the data', sidecar(mount('data', '/data', true)), accepted],
    ['a sidecar that writes the data', sidecar(mount('data', '/data')), /mount it with readOnly: true/],
    ['an init container of our name', { spec: { initContainers: [{ name: 'storage-node', image: 'x' }] } }, /choose another/],
    ['a volume', { spec: { volumes: [{ name: 'certs', secret: { secretName: 'certs' } }] } }, accepted],
    ['a volume of our name', { spec: { volumes: [{ name: 'data', emptyDir: {} }] } }, /choose another name/],
    ['what belongs to scheduling', { spec: { nodeSelector: { disk: 'ssd' } } }, /use scheduling of the pool/],
    ['root', { spec: { securityContext: { runAsUser: 0 } } }, /should be greater than or equal to 1/],
    ['too short a grace period', { spec: { terminationGracePeriodSeconds: 5 } }, /should be greater than or equal to 30/],
  ])('%s', async ([, podTemplate, expected]) => {
    expect(await refusal(create(podTemplate))).toMatch(expected);
  });

  test('what only Kubernetes understands is kept as it is', async () => {
    const podTemplate = {
      spec: {
        containers: [
          { name: 'log', image: 'log:1', livenessProbe: { exec: { command: ['true'] } }, env: [{ name: 'A', valueFrom: { x: { y: 1 } } }] },
        ],
        volumes: [{ name: 'certs', secret: { secretName: 'certs', items: [{ key: 'a', path: 'b' }] } }],
        affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'rack' }] } },
        topologySpreadConstraints: [{ topologyKey: 'rack', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }],
      },
    };
    expect(await create(podTemplate)).toMatchObject({ spec: { pools: [{ podTemplate }] } });
  });

  test('a VectorPool is held to the same rules', async () => {
    const object: KubeObject & { spec: object } = {
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorPool',
      metadata: { name: 'pool', namespace: 'default' },
      spec: { clusterName: 'shop', poolName: 'data', template: { podTemplate: storageNode({ image: 'x' }) } },
    };
    expect(await refusal(client.create<KubeObject>(vectorPools, object))).toMatch(/use spec.image or spec.version/);
  });
});
