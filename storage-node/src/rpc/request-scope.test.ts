import { expect, test } from 'vitest';
import { withinScope } from './request-scope.ts';

test('a request that ran out of time says what it waited for last', async () => {
  const scope = { operation: 'upsert', timeoutMs: 1, gone: new AbortController().signal };
  const waiting = withinScope(scope, async ({ waitsFor }) => {
    waitsFor?.('shard s: n1 cannot be reached');
    waitsFor?.('shard s: 1 of at least 2 copies are in sync');
    await new Promise(() => {});
  });
  await expect(waiting).rejects.toThrow('timed out after 0.001 seconds; shard s: 1 of at least 2 copies are in sync');
});
