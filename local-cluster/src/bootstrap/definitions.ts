/** The CustomResourceDefinitions that the operator needs, as generated. */
import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';

export async function customResourceDefinitions(): Promise<readonly unknown[]> {
  const folder = new URL('../generated/', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).toSorted();
  return Promise.all(files.map(async (file): Promise<unknown> => parse(await readFile(new URL(file, folder), 'utf8'))));
}
