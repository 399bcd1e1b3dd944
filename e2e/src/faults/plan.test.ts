import { expect, test } from 'vitest';
import { faultKinds, type FaultKind } from './fault.ts';
import { planFaults, type PlanOptions } from './plan.ts';

const options: PlanOptions = { seed: 7, minutes: 60, shards: 6, copies: 3, without: new Set() };
const kindsOf = (given: PlanOptions): Set<FaultKind> => new Set(planFaults(given).map(({ fault }) => fault.kind));
const outages = (given: PlanOptions) => planFaults(given).flatMap(({ fault }) => (fault.kind === 'api-down' ? [fault.forMs] : []));

test('one seed, one plan', () => {
  expect(planFaults(options)).toEqual(planFaults(options));
  expect(planFaults(options)).not.toEqual(planFaults({ ...options, seed: 8 }));
});

test('an hour holds every kind of fault, each for a shard that exists', () => {
  expect(kindsOf(options).size).toBe(12);
  const shards = planFaults(options).flatMap(({ fault }) => ('victim' in fault ? [fault.victim.shard] : []));
  expect(new Set(shards)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

test('what a machine cannot do is left out', () => {
  expect(kindsOf({ ...options, without: new Set(['cut', 'wipe']) })).not.toContain('cut');
});

test('one copy meets no fault that it cannot survive', () => {
  expect(kindsOf({ ...options, copies: 1 })).toEqual(new Set(['kill', 'pause', 'kill-operator', 'api-down', 'full-disk']));
});

test('an outage of the API server takes a part of the run, and all of it when nothing else is asked for', () => {
  expect(Math.max(...outages(options))).toBeLessThanOrEqual(180_000);
  const nothingElse = { ...options, minutes: 10, without: new Set(faultKinds.filter((kind) => kind !== 'api-down')) };
  expect(outages(nothingElse)).toEqual([600_000]);
});
