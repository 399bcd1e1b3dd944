import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { generatedFiles } from './generated-files.ts';
import { assertStructural, structuralSchema, type StructuralSchema } from './structural-schema.ts';
import { vectorClusterSpec } from './vector-cluster.ts';
import { vectorCollectionSpec } from './vector-collection.ts';

const specs: Record<string, z.ZodType> = { VectorCluster: vectorClusterSpec, VectorCollection: vectorCollectionSpec };
const samples = new URL('../samples/', import.meta.url);

test.for(readdirSync(samples))('sample %s parses', (file) => {
  const object: unknown = parse(readFileSync(new URL(file, samples), 'utf8'));
  const { kind, spec } = z.looseObject({ apiVersion: z.literal('vectorcluster.io/v1'), kind: z.string(), spec: z.unknown() }).parse(object);
  const schema = specs[kind];
  expect(schema, `a sample of an unknown kind ${kind}`).toBeDefined();
  schema?.parse(spec);
});

test('generated files are what the schemas say', () => {
  const folder = new URL('../generated/', import.meta.url);
  const files = generatedFiles();
  expect(readdirSync(folder).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
  for (const { name, text } of files) expect(readFileSync(new URL(name, folder), 'utf8'), 'run make generate').toBe(text);
});

test('every default is static and visible to kubectl', () => {
  const schema = structuralSchema(vectorClusterSpec);
  expect(schema.properties?.['deletionPolicy']?.default).toBe('Retain');
  expect(schema.properties?.['zones']?.default).toEqual({});
  expect(schema.properties?.['zones']?.properties?.['topologyKey']?.default).toBe('topology.kubernetes.io/zone');
  expect(schema.properties?.['collectionDefaults']?.properties?.['shards']?.default).toBe(6);
  expect(schema.required).toEqual(['pools']);
});

test('every field of spec and status is described', () => {
  const silent: string[] = [];
  const walk = (node: StructuralSchema, path: string): void => {
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      if (property.description === undefined) silent.push(`${path}.${name}`);
      walk(property, `${path}.${name}`);
    }
    if (node.items) walk(node.items, `${path}[]`);
  };
  walk(structuralSchema(vectorClusterSpec), 'VectorCluster.spec');
  walk(structuralSchema(vectorCollectionSpec), 'VectorCollection.spec');
  expect(silent).toEqual([]);
});

test.for<[string, z.ZodType, RegExp]>([
  ['a union', z.strictObject({ a: z.union([z.string(), z.boolean()]) }), /schema\.a is not a structural schema: it uses anyOf/],
  ['an unbounded array', z.strictObject({ a: z.array(z.string()) }), /no maxItems/],
  [
    'a list-map whose key may be missing',
    z.strictObject({
      a: z
        .array(z.strictObject({ name: z.string().optional() }))
        .max(3)
        .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
    }),
    /key name is neither required nor defaulted/,
  ],
])('%s is refused', ([, schema, problem]) => {
  expect(() => structuralSchema(schema)).toThrow(problem);
});

test('a node without a type is refused', () => {
  expect(() => assertStructural({ properties: {} }, 'x')).toThrow('x is not a structural schema: it has no type');
});
