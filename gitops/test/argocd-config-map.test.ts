import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { argoConfigMap } from '../src/argocd/config-map.ts';
import { actionsFolder, healthFolder } from '../src/argocd/folders.ts';

const read = (path: URL): string => readFileSync(path, 'utf8');

test('what a person pastes is what the tests run', () => {
  const text = read(new URL('../argocd/argocd-cm.yaml', import.meta.url));
  expect(text, 'run make generate').toBe(argoConfigMap());
  const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(parse(text));
  for (const kind of ['VectorCluster', 'VectorPool', 'VectorCollection', 'VectorShard']) {
    expect(data[`resource.customizations.health.vectorcluster.io_${kind}`]).toBe(read(new URL('health.lua', healthFolder)));
  }
  expect(parse(data['resource.customizations.actions.vectorcluster.io_VectorCluster'] ?? '')).toEqual({
    'discovery.lua': read(new URL('discovery.lua', actionsFolder)),
    definitions: ['pause', 'resume'].map((name) => ({ name, 'action.lua': read(new URL(`${name}/action.lua`, actionsFolder)) })),
  });
});
