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

test('one file has the sources of all, and the packages that they use', async () => {
  const file = join(root, 'image', 'main.mjs');
  await bundle({ entry: join(root, 'part', 'src', 'main.ts'), file });
  expect((await run('node', [file, 'it'])).stdout).toBe('it is blue\n');
});

test('what looks for files beside its own is taken from where the file lies', async () => {
  const file = join(root, 'image', 'main.mjs');
  await write({
    'part/src/main.ts': `import { color } from 'pino';\nconsole.log(color);`,
    'node_modules/pino/package.json': '{"type":"module","exports":"./index.js"}',
    'node_modules/pino/index.js': `export const color = 'blue';`,
    'image/node_modules/pino/package.json': '{"type":"module","exports":"./index.js"}',
    'image/node_modules/pino/index.js': `export const color = 'green';`,
  });
  await bundle({ entry: join(root, 'part', 'src', 'main.ts'), file });
  expect((await run('node', [file])).stdout).toBe('green\n');
});

test('such a package that is another one for one of the sources is refused', async () => {
  await write({
    'other/src/told.ts': `export { told } from 'pino';`,
    'node_modules/pino/package.json': '{"exports":"./index.js"}',
    'node_modules/pino/index.js': '',
    'other/node_modules/pino/package.json': '{"exports":"./index.js"}',
    'other/node_modules/pino/index.js': '',
  });
  const refused = bundle({ entry: join(root, 'part', 'src', 'main.ts'), file: join(root, 'main.mjs') });
  await expect(refused).rejects.toThrow(/told\.ts has pino of .*other.node_modules/);
  await expect(refused).rejects.toSatisfy((error) => String(error).includes(DifferentPackageError.name));
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}
