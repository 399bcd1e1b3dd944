import { expect, test } from 'vitest';
import { shard } from '../../test/observed-shard.ts';
import { restLeftMs } from './failover-rest.ts';
import type { Evidence } from './observed-shard.ts';

test.for<[Evidence, number, number]>([
  ['certain', 0, 0],
  ['closed', 0, 10_000],
  ['closed', 4_000, 6_000],
  ['closed', 10_000, 0],
  ['silent', 4_000, 26_000],
  ['silent', 30_000, 0],
])('%s, %d ms after a failover: %d ms are left', ([evidence, epochAgeMs, left]) => {
  expect(restLeftMs(shard({ isFailedOver: true, epochAgeMs }), evidence)).toBe(left);
});

test.for<[string, { isFailedOver?: boolean; hasServed?: boolean }]>([
  ['an epoch that began otherwise', { isFailedOver: false }],
  ['a primary that never served', { hasServed: false }],
])('%s needs no rest', ([, parts]) => {
  expect(restLeftMs(shard({ isFailedOver: true, epochAgeMs: 0, ...parts }), 'silent')).toBe(0);
});
