import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const startedAt = new Date('2026-01-01T00:00:00Z');

test('an empty environment gives the defaults', () => {
  expect(readConfig({ POD_NAME: 'operator-0', WATCH_NAMESPACE: '' }, startedAt)).toEqual({
    watchNamespace: undefined,
    identity: `operator-0-${startedAt.getTime().toString(36)}`,
    namespace: 'vectorcluster-system',
    storageNodeImage: 'vectorcluster/storage-node:0.1.0',
    allowsUnsafePodTemplates: false,
    listenHost: '0.0.0.0',
    metricsPort: 9091,
    logLevel: 'info',
  });
});

test('a container that starts again in its Pod is the one that held the Lease', () => {
  const pod = { POD_NAME: 'operator-0', POD_UID: 'd5e1' };
  expect(readConfig(pod, startedAt).identity).toBe(readConfig(pod, new Date()).identity);
  expect(readConfig({ ...pod, POD_UID: 'f0a2' }, startedAt).identity).not.toBe(readConfig(pod, startedAt).identity);
});

test('what is wrong is named', () => {
  expect(() => readConfig({ METRICS_PORT: 'http', LOG_LEVEL: 'loud' }, startedAt)).toThrow(
    /METRICS_PORT[^]*LOG_LEVEL|LOG_LEVEL[^]*METRICS_PORT/,
  );
});
