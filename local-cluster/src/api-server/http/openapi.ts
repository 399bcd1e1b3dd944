/** OpenAPI documents: what kubectl needs to explain kinds, and to know that the server validates fields and does dry runs. */
import { ApiError, noSuchPath } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { groupVersion, type ResourceDefinition } from '../core/resource.ts';
import type { Schema } from '../core/schema/schema.ts';
import { ok, type Answer, type Exchange } from './exchange.ts';

const info: JsonObject = { title: 'Kubernetes', version: 'v1.34.0' };

export function onOpenApi(core: ApiCore, exchange: Exchange): Answer {
  const { path } = exchange;
  const accept = exchange.request.headers.accept ?? '';
  if (/protobuf/.test(accept) && !/json|\*\/\*/.test(accept))
    throw new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
  if (path === '/openapi/v2') return ok({ swagger: '2.0', info, paths: {}, definitions: {} });
  if (path === '/openapi/v3' || path === '/openapi/v3/')
    return ok({ paths: Object.fromEntries(documentPaths(core).map((each) => [each, { serverRelativeURL: `/openapi/v3/${each}` }])) });
  const wanted = path.slice('/openapi/v3/'.length);
  if (!documentPaths(core).includes(wanted)) throw noSuchPath();
  return ok(documentFor(core, wanted));
}

const prefixOf = (resource: ResourceDefinition): string =>
  resource.group === '' ? `api/${resource.version}` : `apis/${groupVersion(resource)}`;

function documentPaths(core: ApiCore): string[] {
  return [...new Set(core.registry.all().map(prefixOf))];
}

function documentFor(core: ApiCore, path: string): JsonObject {
  const resources = core.registry.all().filter((resource) => prefixOf(resource) === path);
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(resources.flatMap(pathsOf)),
    components: {
      schemas: {
        ...Object.fromEntries(resources.map((resource) => [schemaName(resource), rootSchema(resource)])),
        [objectMeta]: metadataSchema,
      },
    },
  };
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const metadataSchema: JsonObject = {
  type: 'object',
  description: 'ObjectMeta is the metadata that all persisted objects have.',
  properties: {
    name: { type: 'string', description: 'Name, unique within a namespace.' },
    generateName: { type: 'string', description: 'Prefix of a name that the server completes.' },
    namespace: { type: 'string', description: 'Namespace the object is in.' },
    labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Keys and values to select objects by.' },
    annotations: { type: 'object', additionalProperties: { type: 'string' }, description: 'Keys and values for tools.' },
    finalizers: { type: 'array', items: { type: 'string' }, description: 'What has to be done before the object is removed.' },
    ownerReferences: { type: 'array', items: { type: 'object' }, description: 'Objects this one depends on.' },
    uid: { type: 'string', description: 'Unique in time and space.' },
    resourceVersion: { type: 'string', description: 'Version of the object, to be compared for equality only.' },
    generation: { type: 'integer', format: 'int64', description: 'Grows with every change of the desired state.' },
    creationTimestamp: { type: 'string', format: 'date-time', description: 'When it was created.' },
    deletionTimestamp: { type: 'string', format: 'date-time', description: 'When it will be removed.' },
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64', description: 'Seconds it has to end by itself.' },
    managedFields: { type: 'array', items: { type: 'object' }, description: 'Who owns which fields.' },
  },
};

function schemaName(resource: ResourceDefinition): string {
  const group = resource.group === '' ? 'core.api.k8s.io' : resource.group;
  return `${group.split('.').toReversed().join('.')}.${resource.version}.${resource.kind}`;
}

const kindOf = ({ group, version, kind }: ResourceDefinition): JsonObject => ({ group, version, kind });

function rootSchema(resource: ResourceDefinition): JsonObject {
  const own = openApi(resource.schema ?? { type: 'object' });
  const properties =
    typeof own['properties'] === 'object' && own['properties'] !== null && !Array.isArray(own['properties']) ? own['properties'] : {};
  return {
    ...own,
    properties: {
      ...properties,
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { description: 'Metadata of the object.', allOf: [{ $ref: `#/components/schemas/${objectMeta}` }] },
    },
    'x-kubernetes-group-version-kind': [kindOf(resource)],
  };
}

const copied = [
  'type',
  'format',
  'title',
  'description',
  'default',
  'nullable',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'required',
] as const;

function openApi(schema: Schema): JsonObject {
  const result: JsonObject = {};
  for (const key of copied) {
    const value = schema[key];
    if (value !== undefined) result[key] = plain(value);
  }
  if (schema.properties)
    result['properties'] = Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, openApi(each)]));
  if (schema.items) result['items'] = openApi(schema.items);
  if (typeof schema.additionalProperties === 'object') result['additionalProperties'] = openApi(schema.additionalProperties);
  if (schema.preserveUnknownFields === true) result['x-kubernetes-preserve-unknown-fields'] = true;
  if (schema.intOrString === true) result['x-kubernetes-int-or-string'] = true;
  if (schema.listType) result['x-kubernetes-list-type'] = schema.listType;
  if (schema.listMapKeys) result['x-kubernetes-list-map-keys'] = [...schema.listMapKeys];
  if (schema.mapType) result['x-kubernetes-map-type'] = schema.mapType;
  if (schema.patchMergeKey !== undefined)
    Object.assign(result, { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': schema.patchMergeKey });
  return result;
}

const plain = (value: Json | readonly Json[]): Json => (Array.isArray(value) ? [...value] : JSON.parse(JSON.stringify(value)));

const parameter = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string' } });

function pathsOf(resource: ResourceDefinition): [string, JsonObject][] {
  const base = `/${prefixOf(resource)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`;
  const operation = (action: string, extra: JsonObject = {}): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kindOf(resource),
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'].map(parameter),
    responses: {
      '200': { description: 'OK', content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(resource)}` } } } },
    },
    ...extra,
  });
  const patchTypes = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(resource.isCustom ? [] : ['application/strategic-merge-patch+json']),
    'application/apply-patch+yaml',
  ];
  const patch = operation('patch', {
    requestBody: { content: Object.fromEntries(patchTypes.map((type) => [type, { schema: { type: 'object' } }])) },
  });
  return [
    [base, { get: operation('list'), post: operation('post') }],
    [`${base}/{name}`, { get: operation('get'), put: operation('put'), patch, delete: operation('delete') }],
  ];
}
