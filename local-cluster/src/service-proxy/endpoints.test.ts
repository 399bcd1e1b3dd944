import { expect, test } from 'vitest';
import type { Pod, Service } from '@vectorcluster/kube/types/core.ts';
import { servicePorts } from './endpoints.ts';

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'default' },
  spec: { clusterIP: '127.16.200.1', selector: { app: 'store' }, ports: [{ name: 'rest', port: 80, targetPort: 'rest' }] },
};

function pod(name: string, options: { ready: boolean; labels?: Record<string, string>; deleting?: boolean; namespace?: string }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace ?? 'default',
      labels: options.labels ?? { app: 'store' },
      ...(options.deleting === true && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: { containers: [{ name: 'c', ports: [{ name: 'rest', containerPort: 6333 }] }] },
    status: { podIP: `ip-of-${name}`, conditions: [{ type: 'Ready', status: options.ready ? 'True' : 'False' }] },
  };
}

const pods = [
  pod('ready', { ready: true }),
  pod('unready', { ready: false }),
  pod('leaving', { ready: true, deleting: true }),
  pod('other', { ready: true, labels: { app: 'web' } }),
  pod('elsewhere', { ready: true, namespace: 'kube-system' }),
];

test('a port leads to the named port of ready Pods that the selector matches', () => {
  expect(servicePorts(service, pods)).toEqual([{ host: '127.16.200.1', port: 80, backends: [{ host: 'ip-of-ready', port: 6333 }] }]);
});

test('publishNotReadyAddresses adds the Pods that are not ready', () => {
  const early: Service = { ...service, spec: { ...service.spec, publishNotReadyAddresses: true } };
  expect(servicePorts(early, pods)[0]?.backends.map((backend) => backend.host)).toEqual(['ip-of-ready', 'ip-of-unready']);
});

test('a headless Service has nothing to listen on', () => {
  expect(servicePorts({ ...service, spec: { ...service.spec, clusterIP: 'None' } }, pods)).toEqual([]);
});
