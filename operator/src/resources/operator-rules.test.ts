import { clusterRules, leaseRules, watchedRules, type PolicyRule } from '@vectorcluster/crds/operator-rules.ts';
import { expect, test } from 'vitest';
import { buildRole } from './role.ts';

const grants = (rules: readonly PolicyRule[]): readonly string[] =>
  rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
  );

test('the operator has every right that it gives to storage nodes: else the API server refuses their Role', () => {
  const held = new Set(grants(watchedRules));
  const { rules } = buildRole({ name: 'shop', namespace: 'default', uid: 'u' });
  expect(grants(rules).filter((grant) => !held.has(grant))).toEqual([]);
});

test('it reads no Secrets, grants nothing it has not, and has no right by a wildcard', () => {
  const all = grants([...watchedRules, ...leaseRules, ...clusterRules]);
  expect(all.filter((grant) => /\*|secrets|escalate|bind |impersonate/.test(grant))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
});
