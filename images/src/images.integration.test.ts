import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageConfig, imageNames, type ImageName } from './image-config.ts';
import { writeOciArchive } from './oci-archive.ts';
import { makeRootFileSystem } from './root-file-system.ts';
import { checkSystem } from './system-files.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const canBuild = await checkSystem().then(
  () => true,
  () => false,
);
const limitBytes: Readonly<Record<ImageName, number>> = { operator: 150e6, 'storage-node': 200e6 };
/** What the process says where it is not in a Pod: all its modules are loaded by then. */
const saysAlone: Readonly<Record<ImageName, RegExp>> = {
  operator: /kubeconfig|KUBECONFIG/i,
  'storage-node': /environment is not complete/,
};

describe.runIf(canBuild).for(imageNames)('the image %s', (image) => {
  let work = '';
  let target = '';
  let files: readonly string[] = [];
  const packed = { config: imageConfig(image), version: '0.0.0' };

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'vectorcluster-image-test-'));
    target = join(work, 'files');
    await makeRootFileSystem({ image, root, target });
    files = await readdir(target, { recursive: true });
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  test('holds what runs, and nothing that only developers need', () => {
    expect(files).toContain(imageConfig(image).entrypoint[1]?.slice(1));
    const unneeded = /\.ts$|\/(typescript|vitest|oxlint|local-cluster|e2e|usearch)$|^(usr\/)?bin\/|\/prebuilds\/(?!linux-)/;
    expect(files.filter((path) => unneeded.test(path))).toEqual([]);
    expect(files.includes('app/engine/build/engine.node')).toBe(image === 'storage-node');
  });

  test('runs with its own libraries and packages', async () => {
    const [, main = ''] = imageConfig(image).entrypoint;
    const outcome = await inImage(target, [join(target, main)]);
    expect(outcome).toMatch(saysAlone[image]);
  });

  test.runIf(image === 'storage-node')('has the native parts', async () => {
    const [, main = ''] = imageConfig(image).entrypoint;
    const program = `for (const name of ['rocksdb-native', '@vectorcluster/engine/build/engine.node'])
      console.log(typeof require('node:module').createRequire(${JSON.stringify(join(target, main))})(name));`;
    expect((await inImage(target, ['--eval', program])).trim()).toMatch(/^(function|object)\n(function|object)$/);
  });

  test('has what it loads only where traces are wanted', async () => {
    const [, main = ''] = imageConfig(image).entrypoint;
    const program = `console.log(typeof require('node:module').createRequire(${JSON.stringify(join(target, main))})('@opentelemetry/sdk-node').NodeSDK);`;
    expect((await inImage(target, ['--eval', program])).trim()).toBe('function');
  });

  test('has one file of code for all packages that can be bundled', () => {
    expect(files.filter((path) => /^app\/node_modules\/(fastify|zod|@kubernetes\/client-node)\/.*\.[cm]?js$/.test(path))).toEqual([]);
    expect(files).toContain('app/node_modules/zod/LICENSE');
  });

  test('says what it is made of, without a time or anything random', async () => {
    const bill = await readFile(join(target, 'app', 'sbom.cdx.json'), 'utf8');
    const { components, ...rest }: { components: readonly { name: string }[] } = JSON.parse(bill);
    expect(rest).toMatchObject({ bomFormat: 'CycloneDX', serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) });
    expect(rest).not.toHaveProperty('metadata.timestamp');
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'libc6', 'fastify', '@kubernetes/client-node']));
  });

  test('is small', async () => {
    const archive = await writeOciArchive({ ...packed, rootFileSystem: target, output: join(work, 'image.tar') });
    expect(archive.compressedBytes).toBeLessThan(limitBytes[image]);
  });

  test('is the same bytes whenever it is packed', async () => {
    const rootFileSystem = join(target, 'app', 'crds');
    const first = await writeOciArchive({ ...packed, rootFileSystem, output: join(work, 'first.tar') });
    await utimes(join(rootFileSystem, 'package.json'), new Date(), new Date());
    await chmod(join(rootFileSystem, 'package.json'), 0o600);
    expect(await writeOciArchive({ ...packed, rootFileSystem, output: join(work, 'second.tar') })).toEqual(first);
    expect((await readFile(join(work, 'second.tar'))).equals(await readFile(join(work, 'first.tar')))).toBe(true);
  });
});

/** Runs the image's node with the image's loader and libraries only; what it printed. */
async function inImage(target: string, args: readonly string[]): Promise<string> {
  const [loader = ''] = (await readdir(target, { recursive: true })).filter((path) => /(^|\/)ld-linux[^/]*$/.test(path));
  const libraries = (await readdir(join(target, 'lib')))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(target, 'lib', name));
  const node = ['--library-path', libraries.join(':'), join(target, 'usr', 'local', 'bin', 'node')];
  const outcome = await run(join(target, loader), [...node, ...args], { env: { METRICS_PORT: '0' } }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${outcome.stdout}${outcome.stderr}`;
}
