/**
 * A folder as an OCI archive of one layer, made with tar alone. The same files give the same bytes: names are sorted, and times, owners
 * and modes are the same for all.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ImageConfig } from './image-config.ts';

const run = promisify(execFile);
const compress = promisify(gzip);

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface OciArchiveOptions {
  readonly rootFileSystem: string;
  readonly config: ImageConfig;
  /** Becomes the tag too. */
  readonly version: string;
  /** File to write. */
  readonly output: string;
}

export interface OciArchive {
  /** Of the manifest, as a registry would say it. */
  readonly digest: string;
  readonly compressedBytes: number;
}

export async function writeOciArchive({ rootFileSystem, config, version, output }: OciArchiveOptions): Promise<OciArchive> {
  const layout = await mkdtemp(join(tmpdir(), 'vectorcluster-image-'));
  try {
    await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
    const files = join(layout, 'layer.tar');
    await pack(rootFileSystem, files);
    const plain = await readFile(files);
    const layer = await addBlob(layout, 'layer.v1.tar+gzip', await compress(plain));
    const image = await addBlob(layout, 'config.v1+json', JSON.stringify(imageJson(config, version, digestOf(plain))));
    const manifest = await addBlob(
      layout,
      'manifest.v1+json',
      JSON.stringify({ schemaVersion: 2, mediaType: mediaType('manifest.v1+json'), config: image, layers: [layer] }),
    );
    // The full name is the one that a kubelet looks for when a Pod says the short one.
    const names = {
      'io.containerd.image.name': `docker.io/${config.repository}:${version}`,
      'org.opencontainers.image.ref.name': version,
    };
    await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations: names }] }));
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await rm(files);
    await pack(layout, output);
    return { digest: manifest.digest, compressedBytes: layer.size };
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

async function pack(folder: string, output: string): Promise<void> {
  const same = ['--format=gnu', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=u=rwX,go=rX'];
  await run('tar', ['-C', folder, ...same, '-cf', output, '.'], { env: { PATH: process.env['PATH'], LC_ALL: 'C' } });
}

function imageJson({ user, workingDirectory, entrypoint, env, labels }: ImageConfig, version: string, layerDigest: string) {
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`there are no images for ${process.arch}`);
  return {
    architecture,
    os: 'linux',
    config: {
      User: user,
      WorkingDir: workingDirectory,
      Entrypoint: entrypoint,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Labels: { ...labels, 'org.opencontainers.image.version': version },
    },
    rootfs: { type: 'layers', diff_ids: [layerDigest] },
  };
}

async function addBlob(layout: string, kind: string, content: string | Buffer) {
  const bytes = Buffer.from(content);
  const digest = digestOf(bytes);
  await writeFile(join(layout, 'blobs', ...digest.split(':')), bytes);
  return { mediaType: mediaType(kind), digest, size: bytes.length };
}

function mediaType(kind: string): string {
  return `application/vnd.oci.image.${kind}`;
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
