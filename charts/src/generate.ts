/** Writes the generated files of the chart; `make verify` fails when that changes anything. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chartFiles } from './chart-files.ts';

const chart = new URL('../vectorcluster/', import.meta.url);
for (const { path, text } of chartFiles(readFileSync(new URL('README.md', chart), 'utf8'))) {
  const file = fileURLToPath(new URL(path, chart));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
