import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { sizeOf, VolumeUse } from './volume-use.ts';

test('files are counted at every depth, and what is left is told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'volume-use-'));
  try {
    await mkdir(join(directory, 'log', 'deep'), { recursive: true });
    await writeFile(join(directory, 'a'), Buffer.alloc(1000));
    await writeFile(join(directory, 'log', 'deep', 'b'), Buffer.alloc(234));
    expect(await sizeOf(directory)).toBe(1234);
    using volume = new VolumeUse(directory, pino({ level: 'silent' }));
    await expect.poll(() => volume.facts).toMatchObject({ usedBytes: 1234, freeBytes: expect.any(Number) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
