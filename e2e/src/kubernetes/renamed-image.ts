/** An OCI archive with the layers of another, one more environment variable, and so another digest. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { run } from './kubectl.ts';

export interface RenamedImage {
  readonly archive: string;
  /** REPOSITORY:TAG */
  readonly image: string;
  /** NAME=VALUE */
  readonly environment: string;
  readonly output: string;
}

const descriptor = z.looseObject({ digest: z.string(), size: z.number() });
const index = z.looseObject({ manifests: z.tuple([descriptor]) });
const manifest = z.looseObject({ config: descriptor });
const config = z.looseObject({ config: z.looseObject({ Env: z.array(z.string()) }) });

export async function renamedImage({ archive, image, environment, output }: RenamedImage): Promise<void> {
  const layout = await mkdtemp(join(tmpdir(), 'vectorcluster-layout-'));
  try {
    await run('tar', ['-C', layout, '-xf', archive]);
    const top = index.parse(await readJson(join(layout, 'index.json')));
    const [entry] = top.manifests;
    const old = manifest.parse(await readBlob(layout, entry.digest));
    const inner = config.parse(await readBlob(layout, old.config.digest));
    const newConfig = await addBlob(layout, { ...inner, config: { ...inner.config, Env: [...inner.config.Env, environment] } });
    const newManifest = await addBlob(layout, { ...old, config: { ...old.config, ...newConfig } });
    const [, tag = ''] = image.split(':');
    const annotations = { 'io.containerd.image.name': `docker.io/${image}`, 'org.opencontainers.image.ref.name': tag };
    await writeFile(join(layout, 'index.json'), JSON.stringify({ ...top, manifests: [{ ...entry, ...newManifest, annotations }] }));
    await run('tar', ['-C', layout, '-cf', output, '.']);
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

async function readJson(path: string): Promise<unknown> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  return value;
}

async function readBlob(layout: string, digest: string): Promise<unknown> {
  return await readJson(join(layout, 'blobs', ...digest.split(':')));
}

async function addBlob(layout: string, value: unknown): Promise<{ readonly digest: string; readonly size: number }> {
  const bytes = Buffer.from(JSON.stringify(value));
  const hash = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs', 'sha256', hash), bytes);
  return { digest: `sha256:${hash}`, size: bytes.length };
}
