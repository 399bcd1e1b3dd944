/** The images under test, and others made of the storage node's: one that stands for a newer version, one that is broken. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renamedImage } from './renamed-image.ts';
import type { Target } from './target.ts';

export const storageNodeImage = 'vectorcluster/storage-node:0.1.0';
export const newerImage = 'vectorcluster/storage-node:0.1.0-newer';
export const crashingImage = 'vectorcluster/storage-node:0.1.0-crashing';
export const missingImage = 'vectorcluster/storage-node:0.1.0-missing';

export async function loadImages({ loadImage }: Target): Promise<void> {
  for (const name of ['operator', 'storage-node']) await loadImage?.(archiveOf(name));
}

export async function loadOtherImages({ loadImage }: Target): Promise<void> {
  if (loadImage === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), 'vectorcluster-images-'));
  try {
    const archive = archiveOf('storage-node');
    const newer = { archive, image: newerImage, environment: 'NEWER=true', output: join(folder, 'newer.tar') };
    const crashing = { archive, image: crashingImage, environment: 'NODE_OPTIONS=--no-such-option', output: join(folder, 'crashing.tar') };
    for (const each of [newer, crashing]) {
      await renamedImage(each);
      await loadImage(each.output);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function archiveOf(name: string): string {
  return fileURLToPath(new URL(`../../../.cache/images/${name}.tar`, import.meta.url));
}
