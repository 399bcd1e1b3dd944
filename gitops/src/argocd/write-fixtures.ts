import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { Fixture } from '../life/choose-fixtures.ts';
import { actionsFolder, healthFolder } from './folders.ts';

/** In the place of those that were there, with the tests that Argo CD runs on them. */
export function writeFixtures(fixtures: readonly Fixture[]): void {
  const folder = emptied(new URL('testdata/', healthFolder));
  for (const { name, object } of fixtures) writeObject(new URL(`${name}.yaml`, folder), object);
  const tests = fixtures.map(({ name, health, message }) => ({
    healthStatus: { status: health, message },
    inputPath: `testdata/${name}.yaml`,
  }));
  writeFileSync(new URL('health_test.yaml', healthFolder), stringify({ tests }, { lineWidth: 0 }));
  writeActionResults(fixtures);
}

/** What the actions should make of two of them. */
function writeActionResults(fixtures: readonly Fixture[]): void {
  const folder = emptied(new URL('testdata/', actionsFolder));
  const results = { 'cluster-ready': ['paused', true], 'cluster-paused': ['resumed', false] } as const;
  for (const [input, [ending, pause]] of Object.entries(results)) {
    const object = fixtures.find(({ name }) => name === input)?.object;
    if (object?.kind !== 'VectorCluster') throw new Error(`${input} is not a VectorCluster`);
    writeObject(new URL(`${input}-${ending}.yaml`, folder), { ...object, spec: { ...object.spec, update: { pause } } });
  }
}

function emptied(folder: URL): URL {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

/** As kubectl shows objects; times in quotes, for parsers that would make dates of them. */
function writeObject(path: URL, object: object): void {
  writeFileSync(path, stringify(object, withoutManagedFields, { lineWidth: 0, version: '1.1' }));
}

function withoutManagedFields(key: unknown, value: unknown): unknown {
  return key === 'managedFields' ? undefined : value;
}
