import { expect, test } from 'vitest';
import { driftOf } from './drift.ts';
import type { PodFacts } from './observed-nodes.ts';

const wanted: PodFacts = {
  image: 'node:2',
  zone: 'a',
  resources: '{}',
  environment: new Map([['ROLE', 'Data']]),
  scheduling: '{}',
  parts: ['container storage-node'],
  templateHash: 'new',
  firstReadyImage: 'node:2',
};
const old = { ...wanted, templateHash: 'old' };

test.for<[string, PodFacts, string | undefined]>([
  [
    'an equal hash is no drift, whatever the API server made of the fields',
    { ...wanted, resources: '{"cpu":"1"}', scheduling: 'x' },
    undefined,
  ],
  [
    'an image that was changed on the live Pod is drift all the same',
    { ...wanted, image: 'node:1' },
    'image node:1 is not node:2, with which it was first Ready',
  ],
  [
    'an image that a webhook named when the Pod was made is none',
    { ...wanted, image: 'mirror/node:2', firstReadyImage: undefined },
    undefined,
  ],
  ['nor later', { ...wanted, image: 'mirror/node:2', firstReadyImage: 'mirror/node:2' }, undefined],
  ['the image is told first', { ...old, image: 'node:1', zone: 'b' }, 'image node:1 is not node:2'],
  ['then the zone', { ...old, zone: 'b', resources: 'x' }, 'zone b is not a'],
  ['then resources', { ...old, resources: '{"limits":{}}' }, 'resources {"limits":{}} are not {}'],
  ['a variable that differs', { ...old, environment: new Map([['ROLE', 'Read']]) }, 'env ROLE is Read, not Data'],
  ['a variable that is missing', { ...old, environment: new Map() }, 'env ROLE is missing, not Data'],
  ['a variable too many', { ...old, environment: new Map([...wanted.environment, ['X', '1']]) }, 'env X is no longer set'],
  ['what was added', { ...old, parts: [] }, 'container storage-node is missing'],
  [
    'of a variable too many nothing is said while anything else explains it: a webhook may have set it',
    { ...old, parts: [], environment: new Map([...wanted.environment, ['X', '1']]) },
    'container storage-node is missing',
  ],
  ['what others added', { ...old, parts: ['container storage-node', 'container proxy'] }, 'template old is not new'],
  ['what no check names', old, 'template old is not new'],
  ['a Pod that nobody hashed', { ...wanted, templateHash: '' }, 'template unknown is not new'],
])('%s', ([, running, reason]) => {
  expect(driftOf(running, wanted)).toBe(reason);
});
