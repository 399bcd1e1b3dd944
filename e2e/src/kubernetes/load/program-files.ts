/** What a Pod needs to run the program of a load: its sources and the stock client. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('..', import.meta.url));
const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/** Of the folder of the program's files in the Pod. */
export const programPath = 'kubernetes/load/program/main.ts';

/** Text by path. */
export async function programFiles(): Promise<Record<string, string>> {
  const client = fileURLToPath(import.meta.resolve('@qdrant/js-client-rest'));
  const resolved = createRequire(client);
  const packages = [client, ...['undici', '@qdrant/openapi-typescript-fetch'].map((name) => resolved.resolve(name))].map(packageFolder);
  const files = await Promise.all([
    ...packages.map((folder) => filesOf(folder, join('node_modules', relative(modules, folder)), isRun)),
    filesOf(join(sources, 'load'), 'kubernetes/load', (path) => path.startsWith('program/') && !path.endsWith('.test.ts')),
    filesOf(sources, 'kubernetes', (path) => path === 'points.ts'),
  ]);
  return Object.fromEntries([['package.json', '{"type":"module"}'], ...files.flat()]);
}

function packageFolder(entry: string): string {
  const [, folder = entry] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(entry) ?? [];
  return folder;
}

function isRun(path: string): boolean {
  return path === 'package.json' || (/\.[cm]?js$/.test(path) && !/^(node_modules|dist\/browser|types|scripts|docs)\//.test(path));
}

async function filesOf(folder: string, target: string, isKept: (path: string) => boolean): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return await Promise.all(
    paths.filter(isKept).map(async (path): Promise<[string, string]> => [join(target, path), await readFile(join(folder, path), 'utf8')]),
  );
}
