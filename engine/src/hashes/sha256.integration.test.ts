import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nativeAddon } from '../vectors/native-addon.ts';
import { sha256 } from './sha256.ts';

test.runIf(process.platform === 'linux')('the addon makes them: node lets it have its OpenSSL', () => {
  expect(nativeAddon.sha256).toBe(sha256);
});

test('it is what node makes of the same bytes, many at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 20 }), async (all) => {
      const bodies = all.map((each) => Buffer.from(each));
      const sums = await Promise.all(bodies.map(sha256));
      expect(sums).toEqual(bodies.map((each) => createHash('sha256').update(each).digest()));
    }),
  );
});

/** A hash is made of pieces of so many bytes, and the processor offered between them. */
const pieceBytes = 64 * 1024;

test.for([pieceBytes - 1, pieceBytes, pieceBytes + 1, 3 * pieceBytes, 3 * pieceBytes + 7])(
  'of %d bytes, no two pieces alike',
  async (size) => {
    const bytes = Buffer.from(Uint32Array.from({ length: Math.ceil(size / 4) }, (_, index) => index).buffer, 0, size);
    expect(await sha256(bytes)).toEqual(createHash('sha256').update(bytes).digest());
  },
);

test('what nobody else holds stays until its hash is made', async () => {
  const size = 8 * 1024 * 1024;
  const sums = Array.from({ length: 8 }, async (_, seed) => await sha256(Buffer.alloc(size, seed)));
  for (let round = 0; round < 200; round += 1) Buffer.alloc(1024 * 1024, 0xff); // memory that was let go of is taken again
  expect(await Promise.all(sums)).toEqual(sums.map((_, seed) => createHash('sha256').update(Buffer.alloc(size, seed)).digest()));
});

test('a thread may end while its hashes are made', async () => {
  const program = `
    const { sha256 } = await import(${JSON.stringify(new URL('sha256.ts', import.meta.url).href)});
    for (let each = 0; each < 20; each += 1) void sha256(Buffer.alloc(4 * 1024 * 1024));
    process.exit(0);
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
  expect(await once(worker, 'exit')).toEqual([0]);
  expect(await sha256(Buffer.alloc(0))).toEqual(createHash('sha256').digest());
});

test('anything but a buffer is refused', () => {
  // @ts-expect-error: a string has no bytes that stay where they are
  expect(() => nativeAddon.sha256?.('text')).toThrow(TypeError);
});
