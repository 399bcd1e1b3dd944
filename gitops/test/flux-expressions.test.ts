/** The CEL expressions of the example say of every recorded object what kstatus says. */
import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, test } from 'vitest';
import { kstatusOf, type Verdict } from '../src/kstatus.ts';
import { exampleObjects } from './example-objects.ts';
import { helmRelease, kustomization } from './example-schemas.ts';
import { allRecorded, type RecordedObject } from './recorded.ts';

const cel = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });

type Check = ReturnType<typeof kustomization.parse>['healthCheckExprs'][number];

const checks = exampleObjects().flatMap(({ kind, file, spec }): readonly (readonly [string, Check])[] => {
  if (kind === 'Kustomization') return kustomization.parse(spec).healthCheckExprs.map((check) => [`${file}: ${check.kind}`, check]);
  if (kind === 'HelmRelease') return helmRelease.parse(spec).healthCheckExprs.map((check) => [`${file}: ${check.kind}`, check]);
  return [];
});

/** In the order in which Flux asks; what none of them says is InProgress. */
function fluxVerdict(object: RecordedObject, { inProgress, failed, current }: Check): Verdict {
  const { observedGeneration } = object.status ?? {};
  if (observedGeneration !== undefined && observedGeneration !== object.metadata.generation) return 'InProgress';
  const asked = [
    [inProgress, 'InProgress'],
    [failed, 'Failed'],
    [current, 'Current'],
  ] as const;
  return asked.find(([expression]) => cel.evaluate(expression, { ...object }) === true)?.[1] ?? 'InProgress';
}

test('each kind has its check', () => {
  expect(new Set(checks.map(([, { kind }]) => kind))).toEqual(new Set(['VectorCluster', 'VectorPool', 'VectorCollection', 'VectorShard']));
});

describe.each(checks)('%s', (_name, check) => {
  const recorded = allRecorded().filter(([, { kind }]) => kind === check.kind);

  test.for(recorded)('%s', ([, object]) => {
    expect(fluxVerdict(object, check)).toBe(kstatusOf(object).verdict);
  });

  test('what is done and what is not are among them', () => {
    const verdicts = new Set(recorded.map(([, object]) => kstatusOf(object).verdict));
    expect(verdicts).toContain('InProgress');
    expect(verdicts).toContain('Current');
  });

  test('an object that says nothing yet is not done', () => {
    const [, object] = recorded[0] ?? [];
    if (object === undefined) throw new Error('nothing is recorded');
    expect(fluxVerdict({ ...object, status: { observedGeneration: object.metadata.generation } }, check)).toBe('InProgress');
  });
});
