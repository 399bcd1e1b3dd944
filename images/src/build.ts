/**
 * `build.ts IMAGE --output FILE.tar` makes an OCI archive; `build.ts IMAGE --folder FOLDER` only its files, for the Dockerfile; `build.ts IMAGE
 * --program FILE.js` only its program, as the image has it, for measurements.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { imageConfig, imageNames } from './image-config.ts';
import { writeOciArchive } from './oci-archive.ts';
import { bundleProgram, makeRootFileSystem, versionOf } from './root-file-system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { output: { type: 'string' }, folder: { type: 'string' }, program: { type: 'string' } },
});
const image = imageNames.find((name) => name === positionals[0]);
if (image === undefined || Object.keys(values).length !== 1) {
  process.stderr.write(`usage: build.ts ${imageNames.join('|')} --output FILE.tar | --folder FOLDER | --program FILE.js\n`);
  process.exitCode = 2;
} else if (values.program !== undefined) {
  await bundleProgram({ image, root, file: resolve(values.program) });
} else if (values.folder !== undefined) {
  await makeRootFileSystem({ image, root, target: resolve(values.folder) });
} else if (values.output !== undefined) {
  const output = resolve(values.output);
  const target = await mkdtemp(join(tmpdir(), 'vectorcluster-rootfs-'));
  try {
    const version = await versionOf(join(root, image));
    await makeRootFileSystem({ image, root, target });
    await mkdir(dirname(output), { recursive: true });
    const { digest, compressedBytes } = await writeOciArchive({ rootFileSystem: target, config: imageConfig(image), version, output });
    process.stdout.write(
      `vectorcluster/${image}:${version} ${digest} ${(compressedBytes / 1e6).toFixed(1)} MB compressed: ${values.output}\n`,
    );
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}
