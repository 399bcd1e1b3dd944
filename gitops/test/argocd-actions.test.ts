/** Argo CD's own test of actions: action_test.yaml beside discovery.lua. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { actionsFolder } from '../src/argocd/folders.ts';
import { runLua } from './lua/run-lua.ts';
import { readRecorded } from './recorded.ts';

const read = (path: string): string => readFileSync(new URL(path, actionsFolder), 'utf8');
const action = z.strictObject({ name: z.string(), disabled: z.boolean(), displayName: z.string(), iconClass: z.string() });
const { discoveryTests, actionTests } = z
  .strictObject({
    discoveryTests: z.array(z.strictObject({ inputPath: z.string(), result: z.array(action) })),
    actionTests: z.array(z.strictObject({ action: z.string(), inputPath: z.string(), expectedOutputPath: z.string() })),
  })
  .parse(parse(read('action_test.yaml')));

test.for(discoveryTests)('what can be done to $inputPath', ({ inputPath, result }) => {
  const offered = runLua(read('discovery.lua'), readRecorded(new URL(inputPath, actionsFolder)));
  expect(offered).toEqual(Object.fromEntries(result.map(({ name, ...rest }) => [name, rest])));
});

/** An empty map comes back from Lua as an empty list, and Argo CD puts it right. */
test.for(actionTests)('$action $inputPath', ({ action, inputPath, expectedOutputPath }) => {
  const done = runLua(read(`${action}/action.lua`), readRecorded(new URL(inputPath, actionsFolder)));
  expect(done).toEqual(readRecorded(new URL(expectedOutputPath, actionsFolder)));
});

test.for(['pause', 'resume'])('%s works where the spec says nothing of updates', (name) => {
  expect(runLua(read(`${name}/action.lua`), { spec: {} })).toEqual({ spec: { update: { pause: name === 'pause' } } });
});
