import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const startedAt = new Date('2026-01-01T00:00:00Z');

test('an empty environment gives the defaults', () => {
  expect(readConfig({ POD_NAME: 'operator-0', WATCH_NAMESPACE: '' }, startedAt)).toEqual({
    watchNamespace: undefined,
    identity: `operator-0-${startedAt.getTime().toString(36)}`,
    namespace: 'vectorcluster-system',
    listenHost: '0.0.0.0',
    metricsPort: 9091,
    logLevel: 'info',
  });
});

test('what is wrong is named', () => {
  expect(() => readConfig({ METRICS_PORT: 'http', LOG_LEVEL: 'loud' }, startedAt)).toThrow(
    /METRICS_PORT[^]*LOG_LEVEL|LOG_LEVEL[^]*METRICS_PORT/,
  );
});
