/** Writes the generated files of the chart and, where Helm is on PATH, those of deploy/; `make verify` fails when that changes anything. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chartFiles } from './chart-files.ts';
import { helmVersion, template } from './helm.ts';
import { plainManifests } from './plain-manifests.ts';

const chart = new URL('../vectorcluster/', import.meta.url);
const deploy = new URL('../../deploy/', import.meta.url);

for (const { path, text } of chartFiles(readFileSync(new URL('README.md', chart), 'utf8'))) write(new URL(path, chart), text);
if ((await helmVersion()) === undefined) {
  process.stderr.write('helm is not on PATH: deploy/ is left as it is; make test-kubernetes tells whether it is up to date\n');
} else {
  for (const { path, text } of await plainManifests(template)) write(new URL(path, deploy), text);
}

function write(url: URL, text: string): void {
  const file = fileURLToPath(url);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
