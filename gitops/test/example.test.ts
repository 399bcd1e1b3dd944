/** The example repository of docs/gitops.md: every field is one that there is, and what it promises of order and of safety holds. */
import { vectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { threeWayDrift } from '../src/argocd/three-way-drift.ts';
import { exampleFolder, exampleObjects, type ExampleObject } from './example-objects.ts';
import { autoscaler, kustomization, specs } from './example-schemas.ts';

const objects = exampleObjects();
const named = objects.map((object) => [`${object.kind} ${object.metadata.name} of ${object.file}`, object] as const);
const ofKind = (kind: string): readonly ExampleObject[] => objects.filter((object) => object.kind === kind);
const ours = [...ofKind('VectorCluster'), ...ofKind('VectorCollection')];
const wave = ({ metadata }: ExampleObject): number => Number(metadata.annotations['argocd.argoproj.io/sync-wave']);
const nameOf = ({ metadata }: ExampleObject): string => metadata.name;

test.for(named)('%s has fields that there are', ([, { kind, spec }]) => {
  expect(specs[kind], `an unknown kind ${kind}`).toBeDefined();
  specs[kind]?.parse(spec);
});

test('a field that there is not is found', () => {
  const [cluster] = ofKind('VectorCluster');
  expect(() => specs['VectorCluster']?.parse({ ...z.looseObject({}).parse(cluster?.spec), replicas: 3 })).toThrow('replicas');
});

test.for(ours.map((object) => [object.metadata.name, object] as const))('%s is kept, whatever is deleted in Git', ([, { metadata }]) => {
  expect(metadata.annotations).toMatchObject({
    'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  });
});

test('Argo CD goes from the operator to the clusters to the collections', () => {
  const apps = ofKind('Application').filter(({ file }) => file.startsWith('argocd/apps/'));
  expect(apps.toSorted((a, b) => wave(a) - wave(b)).map(nameOf)).toEqual([
    'vectorcluster-operator',
    'vector-clusters',
    'vector-collections',
  ]);
});

test('Flux goes from the operator to the clusters to the collections', () => {
  const dependencies = ofKind('Kustomization').map((object) => [nameOf(object), kustomization.parse(object.spec).dependsOn]);
  expect(dependencies).toEqual([
    ['vectorcluster-operator', []],
    ['vector-clusters', [{ name: 'vectorcluster-operator' }]],
    ['vector-collections', [{ name: 'vector-clusters' }]],
  ]);
});

test('every path is one of the example', () => {
  const source = z.object({ source: z.object({ path: z.string().optional() }) });
  const ofArgo = ofKind('Application').flatMap(({ spec }) => source.parse(spec).source.path ?? []);
  const ofFlux = ofKind('Kustomization').map(({ spec }) => kustomization.parse(spec).path);
  expect([...ofArgo, ...ofFlux].filter((path) => !existsSync(new URL(`${path}/`, exampleFolder)))).toEqual([]);
});

test('who scales a pool is not fought by Git: the pool leaves its number out, and says how much CPU the percentage is of', () => {
  const pools = ofKind('VectorCluster').flatMap((cluster) =>
    vectorClusterSpec.parse(cluster.spec).pools.map((pool) => [`${nameOf(cluster)}-${pool.name}`, pool] as const),
  );
  const targets = ofKind('HorizontalPodAutoscaler').map(({ spec }) => autoscaler.parse(spec).scaleTargetRef.name);
  const scaled = pools.filter(([name]) => targets.includes(name)).map(([, pool]) => pool);
  expect(scaled).toMatchObject([{ role: 'Read', resources: { requests: { cpu: '1' } } }]);
  expect(scaled[0]?.replicas).toBeUndefined();
});

test('no Application is named as a cluster: volumes carry the name of their cluster in the label by which Argo CD may know its own', () => {
  expect(ofKind('Application').map(nameOf)).not.toEqual(expect.arrayContaining(ofKind('VectorCluster').map(nameOf)));
});

const samples = new URL('../samples/', import.meta.resolve('@vectorcluster/crds/definitions.ts'));
const sample = z.looseObject({ kind: z.string(), spec: z.unknown() });
const manifests = [
  ...ours.map((object) => [`${object.file} of the example`, sample.parse(object)] as const),
  ...readdirSync(samples).map((file) => [`sample ${file}`, sample.parse(parse(readFileSync(new URL(file, samples), 'utf8')))] as const),
];

test.for(manifests)('%s is in sync once its defaults are filled in', ([, { kind, spec }]) => {
  expect(threeWayDrift(spec, specs[kind]?.parse(spec))).toEqual([]);
});

test('a default in a list is a difference for ever, one beside it is none', () => {
  const pools = [{ name: 'data', storage: { size: '1Gi' } }];
  expect(threeWayDrift({ pools }, specs['VectorCluster']?.parse({ pools }))).toEqual(['pools']);
});
