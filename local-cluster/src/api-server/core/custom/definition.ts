/** From a CustomResourceDefinition to the kinds it serves. */
import { invalidValue, type FieldError } from '../field-error.ts';
import { at, isObject, listOf, numberOf, textOf, type Json, type JsonObject, show } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { PrinterColumn, ResourceDefinition, ScalePaths } from '../resource.ts';
import { readSchema } from '../schema/schema.ts';
import { ageOf } from '../builtin/age.ts';
import { findAll, parseJsonPath } from './json-path.ts';

export function definedResources(definition: StoredObject): ResourceDefinition[] {
  return listOf(at(definition, 'spec', 'versions'))
    .filter((version) => at(version, 'served') === true)
    .map((version) => definedResource(definition, version));
}

function definedResource(definition: StoredObject, version: Json): ResourceDefinition {
  const spec = definition['spec'];
  const word = (...path: readonly string[]): string => textOf(at(spec, ...path)) ?? '';
  const words = (...path: readonly string[]): string[] => listOf(at(spec, ...path)).filter((each) => typeof each === 'string');
  const schema = at(version, 'schema', 'openAPIV3Schema');
  const scale = scaleOf(at(version, 'subresources', 'scale'));
  const group = word('group');
  const apiVersion = `${group}/${textOf(at(version, 'name')) ?? ''}`;
  const isStored = at(version, 'storage') === true;
  const kind = word('names', 'kind');
  return {
    group,
    version: textOf(at(version, 'name')) ?? '',
    kind,
    listKind: word('names', 'listKind') || `${kind}List`,
    plural: word('names', 'plural'),
    singular: word('names', 'singular') || kind.toLowerCase(),
    namespaced: word('scope') === 'Namespaced',
    shortNames: words('names', 'shortNames'),
    categories: words('names', 'categories'),
    schema: isObject(schema) ? readSchema(schema) : undefined,
    hasStatus: at(version, 'subresources', 'status') !== undefined,
    ...(scale && { scale }),
    columns: columnsOf(version),
    selectableFields: listOf(at(version, 'selectableFields')).map((each) => (textOf(at(each, 'jsonPath')) ?? '').replace(/^\./, '')),
    strategy: scale === undefined ? {} : { validate: (object) => scaleErrors(object, scale) },
    hasGeneration: true,
    isCustom: true,
    ...(!isStored && { conversion: { toStored: retype(storedVersion(definition)), fromStored: retype(apiVersion) } }),
    storage: `${group}/${word('names', 'plural')}`,
  };
}

const retype =
  (apiVersion: string) =>
  (object: JsonObject): JsonObject => ({ ...object, apiVersion });

function storedVersion(definition: StoredObject): string {
  const stored = listOf(at(definition, 'spec', 'versions')).find((version) => at(version, 'storage') === true);
  return `${textOf(at(definition, 'spec', 'group')) ?? ''}/${textOf(at(stored, 'name')) ?? ''}`;
}

function scaleOf(json: Json | undefined): ScalePaths | undefined {
  const specReplicasPath = textOf(at(json, 'specReplicasPath'));
  const statusReplicasPath = textOf(at(json, 'statusReplicasPath'));
  const labelSelectorPath = textOf(at(json, 'labelSelectorPath'));
  if (specReplicasPath === undefined || statusReplicasPath === undefined) return undefined;
  return { specReplicasPath, statusReplicasPath, ...(labelSelectorPath !== undefined && { labelSelectorPath }) };
}

/** What the scale subresource will read must be there to be read. */
function scaleErrors(object: StoredObject, scale: ScalePaths): FieldError[] {
  return [scale.specReplicasPath, scale.statusReplicasPath].flatMap((path) => {
    const value = at(object, ...path.split('.').filter((part) => part !== ''));
    if (value === undefined || value === null) return [];
    if (typeof value !== 'number') {
      return [invalidValue(path, 0, `${path} accessor error: ${show(value)} is of the type ${typeof value}, expected int64`)];
    }
    return value < 0 ? [invalidValue(path, value, 'should be a non-negative integer')] : [];
  });
}

const nameColumn: PrinterColumn = { name: 'Name', type: 'string', format: 'name', value: (object) => object.metadata.name };
const ageColumn: PrinterColumn = { name: 'Age', type: 'date', value: (object, now) => ageOf(object.metadata.creationTimestamp, now) };

function columnsOf(version: Json): PrinterColumn[] {
  const own = listOf(at(version, 'additionalPrinterColumns')).map(columnOf);
  return [nameColumn, ...(own.length === 0 ? [ageColumn] : own)];
}

function columnOf(json: Json): PrinterColumn {
  const type = textOf(at(json, 'type')) ?? 'string';
  const path = parseJsonPath(textOf(at(json, 'jsonPath')) ?? '') ?? [];
  const description = textOf(at(json, 'description'));
  const priority = numberOf(at(json, 'priority'));
  const format = textOf(at(json, 'format'));
  return {
    name: textOf(at(json, 'name')) ?? '',
    type,
    ...(format !== undefined && { format }),
    ...(description !== undefined && { description }),
    ...(priority !== undefined && { priority }),
    value: (object, now) => cell(findAll(object, path), type, now),
  };
}

function cell(found: readonly Json[], type: string, now: Date): Json {
  const [first] = found;
  if (first === undefined) return null;
  if (type === 'date') return typeof first === 'string' ? ageOf(first, now) : null;
  if (type === 'string') return found.map((each) => (typeof each === 'object' ? JSON.stringify(each) : show(each))).join(',');
  return first;
}
