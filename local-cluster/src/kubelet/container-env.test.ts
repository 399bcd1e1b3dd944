import { expect, test } from 'vitest';
import type { Container, Pod } from '@vectorcluster/kube/types/core.ts';
import { containerEnv, ContainerConfigError, rewriteMountPath } from './container-env.ts';

const container: Container = {
  name: 'storage-node',
  volumeMounts: [
    { name: 'data', mountPath: '/var/lib/vectorcluster' },
    { name: 'cache', mountPath: '/var/lib/vectorcluster/cache' },
  ],
  env: [
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'ZONE', valueFrom: { fieldRef: { fieldPath: "metadata.labels['vectorcluster.io/zone']" } } },
    { name: 'DATA_DIR', value: '/var/lib/vectorcluster' },
    { name: 'LISTEN_PORT', value: '6333' },
  ],
};
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'shop-data-0', namespace: 'default', uid: 'u1', labels: { 'vectorcluster.io/zone': 'a' } },
  spec: { containers: [container] },
};
const volumeFolders = new Map([
  ['data', '/state/volumes/v1'],
  ['cache', '/state/pods/u1/cache'],
]);

test("the Pod's fields are filled in and its values win over the image's", () => {
  const env = containerEnv(pod, container, {
    podIp: '127.16.1.1',
    imageEnv: { LISTEN_HOST: '127.16.1.1', LISTEN_PORT: '1' },
    volumeFolders,
  });
  expect(env).toEqual({
    LISTEN_HOST: '127.16.1.1',
    LISTEN_PORT: '6333',
    NODE_NAME: 'shop-data-0',
    POD_IP: '127.16.1.1',
    ZONE: 'a',
    DATA_DIR: '/state/volumes/v1',
  });
});

test.for([
  ['/var/lib/vectorcluster', '/state/volumes/v1'],
  ['/var/lib/vectorcluster/log/1', '/state/volumes/v1/log/1'],
  ['/var/lib/vectorcluster/cache/x', '/state/pods/u1/cache/x'],
  ['/var/lib/vectorclusters', '/var/lib/vectorclusters'],
  ['relative/var/lib/vectorcluster', 'relative/var/lib/vectorcluster'],
])('%s becomes %s', ([value, expected]) => {
  expect(rewriteMountPath(value ?? '', container, volumeFolders)).toBe(expected);
});

test.for([
  [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }, /only value and fieldRef/],
  [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'status.nonsense' } } }, /no field status.nonsense/],
] as const)('what cannot be filled in is refused by name', ([variable, problem]) => {
  const odd: Container = { ...container, env: [variable] };
  const attempt = () => containerEnv(pod, odd, { podIp: '', imageEnv: {}, volumeFolders });
  expect(attempt).toThrow(ContainerConfigError);
  expect(attempt).toThrow(problem);
});
