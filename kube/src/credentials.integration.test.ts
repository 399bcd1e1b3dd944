import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileToken } from './credentials.ts';

test('a token file is read anew after a minute, which is long before a rotated token runs out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-token-'));
  try {
    const file = join(folder, 'token');
    let nowMs = 0;
    const credentials = fileToken(file, () => nowMs);
    await writeFile(file, 'one\n');
    expect(await credentials.authorization()).toBe('Bearer one');
    await writeFile(file, 'two\n');
    nowMs = 60_000;
    expect(await credentials.authorization()).toBe('Bearer one');
    nowMs = 60_001;
    expect(await credentials.authorization()).toBe('Bearer two');
  } finally {
    await rm(folder, { recursive: true });
  }
});
