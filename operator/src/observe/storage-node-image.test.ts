import { vectorClusterSpec, type VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import { expect, test } from 'vitest';
import { imageOf, versionOfImage } from './storage-node-image.ts';

const mirror = 'registry.example:5000/mirror/storage-node';
const digest = `sha256:${'0'.repeat(64)}`;

function clusterWith(spec: { readonly image?: string; readonly version?: string }): VectorCluster {
  const parsed = vectorClusterSpec.parse({ pools: [{ name: 'data', storage: { size: '1Gi' } }], ...spec });
  return { apiVersion: 'vectorcluster.io/v1', kind: 'VectorCluster', metadata: { name: 'shop' }, spec: parsed };
}

test.for<[string, { image?: string; version?: string }, string, string]>([
  ['what the operator was given', {}, `${mirror}:0.1.0`, `${mirror}:0.1.0`],
  ['another version of it', { version: '0.2.0' }, `${mirror}:0.1.0`, `${mirror}:0.2.0`],
  ['another version of one with a digest', { version: '0.2.0' }, `${mirror}:0.1.0@${digest}`, `${mirror}:0.2.0`],
  ['another version of one without a tag', { version: '0.2.0' }, mirror, `${mirror}:0.2.0`],
  ['an image of its own', { image: 'mine/node:7' }, `${mirror}:0.1.0`, 'mine/node:7'],
])('a cluster runs %s', ([, spec, fallback, image]) => {
  expect(imageOf(clusterWith(spec), fallback)).toBe(image);
});

test.for<[string, string]>([
  [`${mirror}:0.1.0`, '0.1.0'],
  [`${mirror}:0.1.0@${digest}`, '0.1.0'],
  [`${mirror}@${digest}`, digest.slice(0, 64)],
  [mirror, 'storage-node'],
])('%s is called %s', ([image, version]) => {
  expect(versionOfImage(image)).toBe(version);
});
