import { reservedVariables } from '@vectorcluster/crds/container-template.ts';
import type { PodTemplate } from '@vectorcluster/crds/pod-template.ts';
import { expect, test } from 'vitest';
import { nodePodInput } from '../../test/node-pod-input.ts';
import { buildPod } from './pod.ts';

const bare = buildPod(nodePodInput);
const podWith = (podTemplate: PodTemplate) => buildPod({ ...nodePodInput, template: { podTemplate } });
const ofStorageNode = (podTemplate: PodTemplate) => podWith(podTemplate).spec.containers[0];

test('an empty podTemplate changes nothing', () => {
  expect(podWith({ metadata: {}, spec: {} })).toEqual(bare);
});

test('labels and annotations come beside ours, which stay', () => {
  const { metadata } = podWith({
    metadata: { labels: { team: 'search', 'vectorcluster.io/zone': 'elsewhere' }, annotations: { scrape: 'true' } },
  });
  expect(metadata.labels).toEqual({ ...bare.metadata.labels, team: 'search' });
  expect(metadata).toHaveProperty('annotations', { scrape: 'true' });
});

test('storage-node gets more env and mounts, and keeps all of its own', () => {
  const own = bare.spec.containers[0];
  const more = ofStorageNode({
    spec: {
      containers: [
        {
          name: 'storage-node',
          imagePullPolicy: 'Always',
          livenessProbe: { exec: {} },
          env: [
            { name: 'LOG_LEVEL', value: 'debug' },
            { name: 'ZONE', value: 'b' },
          ],
          volumeMounts: [
            { name: 'certs', mountPath: '/certs' },
            { name: 'certs', mountPath: '/var/lib/vectorcluster' },
          ],
          securityContext: { privileged: false, readOnlyRootFilesystem: false },
        },
      ],
    },
  });
  expect(more).toEqual({
    ...own,
    imagePullPolicy: 'Always',
    env: [...(own?.env ?? []), { name: 'LOG_LEVEL', value: 'debug' }],
    volumeMounts: [...(own?.volumeMounts ?? []), { name: 'certs', mountPath: '/certs' }],
    securityContext: { privileged: false, ...own?.securityContext },
  });
});

test('containers that are added get what the standard "restricted" asks for, unless they say otherwise', () => {
  const { containers, initContainers } = podWith({
    spec: {
      containers: [{ name: 'log', image: 'log:1' }],
      initContainers: [{ name: 'wait', image: 'wait:1', securityContext: { runAsUser: 1000 } }],
    },
  }).spec;
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  expect(containers.slice(1)).toEqual([{ name: 'log', image: 'log:1', securityContext: restricted }]);
  expect(initContainers).toEqual([{ name: 'wait', image: 'wait:1', securityContext: { ...restricted, runAsUser: 1000 } }]);
});

test('volumes are merged by name, spread by topologyKey, and what places and identifies the Pod stays', () => {
  const spread = { maxSkew: 2, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' };
  const { spec } = podWith({
    spec: {
      volumes: [
        { name: 'data', emptyDir: {} },
        { name: 'certs', secret: { secretName: 'certs' } },
      ],
      topologySpreadConstraints: [spread],
      imagePullSecrets: [{ name: 'registry' }],
      securityContext: { runAsUser: 1000, fsGroup: 1000 },
      nodeSelector: { 'topology.kubernetes.io/zone': 'b' },
    },
  });
  expect(spec.volumes).toEqual([...bare.spec.volumes, { name: 'certs', secret: { secretName: 'certs' } }]);
  expect(spec.topologySpreadConstraints.filter(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname')).toEqual([spread]);
  expect(spec).toMatchObject({
    serviceAccountName: 'shop-node',
    nodeSelector: { 'topology.kubernetes.io/zone': 'a' },
    imagePullSecrets: [{ name: 'registry' }],
    securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  });
});

test('a node ends of itself before its grace period does', () => {
  const { spec } = podWith({ spec: { terminationGracePeriodSeconds: 300 } });
  expect(spec.terminationGracePeriodSeconds).toBe(300);
  expect(spec.containers[0]?.env).toContainEqual({ name: 'SHUTDOWN_GRACE_SECONDS', value: '290' });
});

test('every variable that we set is refused to others by the schema', () => {
  const ours = (bare.spec.containers[0]?.env ?? []).map(({ name }) => name);
  expect(ours.filter((name) => !reservedVariables.includes(name))).toEqual([]);
});
