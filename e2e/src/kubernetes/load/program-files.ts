/** What a Pod needs to run the program of a load: its sources and the stock clients. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const sources = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const clients = ['@qdrant/js-client-rest', '@qdrant/js-client-grpc'];
const manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** Of the folder of the program's files in the Pod. */
export const programPath = 'kubernetes/load/program/main.ts';

/** Text by path. */
export async function programFiles(): Promise<Record<string, string>> {
  const packages = new Set<string>();
  for (const client of clients) await addPackage(fileURLToPath(import.meta.resolve(client)), packages);
  const files = await Promise.all([
    ...[...packages].map((folder) => filesOf(folder, relative(root, folder), isRun)),
    filesOf(join(sources, 'load'), 'kubernetes/load', (path) => path.startsWith('program/') && !path.endsWith('.test.ts')),
    filesOf(sources, 'kubernetes', (path) => path === 'points.ts'),
  ]);
  return Object.fromEntries([['package.json', '{"type":"module"}'], ...files.flat()]);
}

/** With what it depends on, found as Node finds it. */
async function addPackage(entry: string, packages: Set<string>): Promise<void> {
  const [, folder = entry] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(entry) ?? [];
  if (packages.has(folder)) return;
  packages.add(folder);
  const { dependencies } = manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const { resolve } = createRequire(entry);
  for (const name of Object.keys(dependencies)) await addPackage(resolve(name), packages);
}

function isRun(path: string): boolean {
  return (
    path === 'package.json' ||
    (/\.[cm]?js(on)?$/.test(path) && !/^(node_modules|dist\/(browser|types|cjs)|types|scripts|docs)\//.test(path))
  );
}

async function filesOf(folder: string, target: string, isKept: (path: string) => boolean): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return await Promise.all(
    paths.filter(isKept).map(async (path): Promise<[string, string]> => [join(target, path), await readFile(join(folder, path), 'utf8')]),
  );
}
