import { expect, test } from 'vitest';
import type { BuiltObject } from '../resources/built-object.ts';
import { differenceOf } from './difference.ts';
import { withAppliedHash } from './hashes.ts';

const wanted = withAppliedHash({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', labels: { app: 'x' }, ownerReferences: [{ apiVersion: 'v1', kind: 'K', name: 'o', uid: '1' }] },
  spec: { ports: [{ name: 'rest', port: 6333 }], verbs: ['get', 'list'], size: '1Gi', isHeadless: true },
});

test('what was built is no different, nor with all that an API server adds and rewrites', () => {
  expect(differenceOf(wanted, wanted)).toBeUndefined();
  const company = { apiVersion: 'v1', kind: 'Other', name: 'p', uid: '2' };
  const live: BuiltObject & { spec: object } = {
    ...wanted,
    metadata: { ...wanted.metadata, uid: 'u', ownerReferences: [company, ...(wanted.metadata.ownerReferences ?? [])] },
    spec: { ...wanted.spec, size: '1024Mi', clusterIP: '10.0.0.1', ports: [{ name: 'rest', port: 6333, protocol: 'TCP', nodePort: 3 }] },
  };
  expect(differenceOf(live, wanted)).toBeUndefined();
});

test.for<[string, object, string]>([
  ['a changed port', { ports: [{ name: 'rest', port: 1 }] }, 'spec.ports[0].port is 1, not 6333'],
  ['a missing port', { ports: [] }, 'spec.ports[0] is missing'],
  ['a word too many', { verbs: ['get', 'list', 'delete'] }, 'spec.verbs is ["get","list","delete"], not ["get","list"]'],
  ['another quantity', { size: '2Gi' }, 'spec.size is "2Gi", not "1Gi"'],
  ['a missing field', { isHeadless: undefined }, 'spec.isHeadless is missing, not true'],
])('%s is told', ([, change, difference]) => {
  const live: BuiltObject & { spec: object } = { ...wanted, spec: { ...wanted.spec, ...change } };
  expect(differenceOf(live, wanted)).toBe(difference);
});

test('a field that is no longer set is noticed by the hash', () => {
  const fewer = withAppliedHash({ ...wanted, metadata: { name: 's' } });
  expect(differenceOf(wanted, fewer)).toBe('it was applied from another version of the spec');
});
