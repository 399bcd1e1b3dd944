/** Argo CD's own test of a health check: health_test.yaml beside health.lua. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { applicationHealth, healthFolder } from '../src/argocd/folders.ts';
import { kstatusOf } from '../src/kstatus.ts';
import { runLua } from './lua/run-lua.ts';
import { allRecorded, readRecorded } from './recorded.ts';

const script = readFileSync(new URL('health.lua', healthFolder), 'utf8');
const healthStatus = z.strictObject({ status: z.enum(['Progressing', 'Healthy', 'Degraded', 'Suspended']), message: z.string() });
const { tests } = z
  .strictObject({ tests: z.array(z.strictObject({ healthStatus, inputPath: z.string() })) })
  .parse(parse(readFileSync(new URL('health_test.yaml', healthFolder), 'utf8')));

test.for(tests.map((each) => [each.inputPath, each] as const))('%s', ([path, expected]) => {
  expect(runLua(script, readRecorded(new URL(path, healthFolder)))).toEqual(expected.healthStatus);
});

const healthOf = { InProgress: 'Progressing', Current: 'Healthy', Failed: 'Degraded', Terminating: 'Progressing' } as const;

test.for(allRecorded())('%s: Argo CD and kstatus agree, but on what is paused', ([, object]) => {
  const { status } = healthStatus.parse(runLua(script, object));
  expect([healthOf[kstatusOf(object).verdict], 'Suspended']).toContain(status);
});

const cluster = readRecorded(new URL('testdata/cluster-ready.yaml', healthFolder));
const words = (...conditions: readonly (readonly [type: string, status: string])[]) => ({
  ...cluster,
  status: {
    observedGeneration: cluster.metadata.generation,
    conditions: conditions.map(([type, status]) => ({ type, status, message: type })),
  },
});
const paused = { update: { pause: true } };

test.for<[string, object, string, string]>([
  ['nothing was said', words(), 'Progressing', 'the operator has not said anything yet'],
  ['no status at all', { ...cluster, status: undefined }, 'Progressing', 'the operator has not looked at the latest spec yet'],
  ['not ready, for no reason told', words(['Ready', 'False']), 'Progressing', 'Ready'],
  [
    'paused, with nothing to do',
    { ...words(['Ready', 'True']), spec: paused },
    'Suspended',
    'spec.update.pause is true; nothing waits for it at the moment',
  ],
  ['paused and stuck', { ...words(['Ready', 'True'], ['Stalled', 'True']), spec: paused }, 'Degraded', 'Stalled'],
  ['paused and not serving', { ...words(['Ready', 'False'], ['Reconciling', 'True']), spec: paused }, 'Progressing', 'Reconciling'],
])('%s', ([, object, status, message]) => {
  expect(runLua(script, object)).toEqual({ status, message });
});

test('an Application is as healthy as Argo CD says, so that a wave waits for the one before it', () => {
  const application = readFileSync(applicationHealth, 'utf8');
  expect(runLua(application, {})).toEqual({ status: 'Progressing', message: '' });
  expect(runLua(application, { status: { health: { status: 'Healthy' } } })).toEqual({ status: 'Healthy', message: '' });
  const health = { status: 'Degraded', message: 'a node is away' };
  expect(runLua(application, { status: { health } })).toEqual(health);
});
