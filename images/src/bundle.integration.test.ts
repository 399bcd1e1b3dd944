import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundle, DifferentPackageError } from './bundle.ts';

const run = promisify(execFile);
let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vectorcluster-bundle-'));
  await write({
    'node_modules/color/package.json': '{"name":"color","type":"module","exports":"./index.js"}',
    'node_modules/color/index.js': `export const color = 'blue';`,
    'part/src/main.ts': `import { told } from '../../other/src/told.ts';\nconst to: string = process.argv[2] ?? '';\nconsole.log(told(to));`,
    'other/src/told.ts': `import { color } from 'color';\nexport const told = (to: string): string => to + ' is ' + color;`,
  });
});
afterEach(() => rm(root, { recursive: true }));

test('one file has the sources of all, and takes packages from where it lies', async () => {
  const file = join(root, 'image', 'main.mjs');
  await bundle({ entry: join(root, 'part', 'src', 'main.ts'), file });
  await write({ 'image/node_modules/color/package.json': '{"type":"module","exports":"./index.js"}' });
  await write({ 'image/node_modules/color/index.js': `export const color = 'green';` });
  expect((await run('node', [file, 'it'])).stdout).toBe('it is green\n');
});

test('a package that is another one for one of its sources is refused', async () => {
  await write({ 'other/node_modules/color/package.json': '{"exports":"./index.js"}', 'other/node_modules/color/index.js': '' });
  const refused = bundle({ entry: join(root, 'part', 'src', 'main.ts'), file: join(root, 'main.mjs') });
  await expect(refused).rejects.toThrow(/told\.ts has color of .*other.node_modules/);
  await expect(refused).rejects.toSatisfy((error) => String(error).includes(DifferentPackageError.name));
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
