/** Both forms of upsert: a list of points, or columns under `batch`. */
import { z } from 'zod';
import { isList, isObject, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { NumberList } from '../../json/number-list.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import type { JsonObject } from '../../model/json-value.ts';
import type { NamedVectors, Point } from '../../model/point.ts';
import type { RequestLimits } from '../limits.ts';
import { checkPayload } from '../request-rules.ts';
import { notYet, onlyYet, parseFields, requireJsonObject, requirePointId, takeFields } from './body-schema.ts';
import { formatError } from './endpoint.ts';
import { readNamedVectors, readVector } from './vector-body.ts';

const options = z.strictObject({ shard_key: notYet, update_filter: notYet, update_mode: onlyYet('upsert') });

export function readUpsert(body: BodyObject, collection: CollectionConfig, limits: RequestLimits): readonly Point[] {
  const [{ points, batch }, rest] = takeFields(body, ['points', 'batch']);
  parseFields(options, rest);
  if (batch !== undefined && batch !== null) return readColumns(batch, collection, limits);
  if (points === undefined || points === null) throw formatError('missing field `points` or `batch`');
  if (!isList(points)) throw formatError('points: expected a list');
  return points.map((point, index) => readPoint(point, `points.${index}`, collection, limits));
}

const pointFields: ReadonlySet<string> = new Set(['id', 'vector', 'payload']);

function readPoint(value: BodyValue, path: string, collection: CollectionConfig, limits: RequestLimits): Point {
  if (!isObject(value)) throw formatError(`${path}: expected an object`);
  const unknown = Object.keys(value).find((key) => !pointFields.has(key));
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\` in \`${path}\``);
  return {
    id: requirePointId(value['id'], `${path}.id`),
    vectors: readNamedVectors(value['vector'], `${path}.vector`, collection),
    payload: readPayload(value['payload'], `${path}.payload`, limits),
  };
}

function readColumns(batch: BodyValue, collection: CollectionConfig, limits: RequestLimits): readonly Point[] {
  if (!isObject(batch)) throw formatError('batch: expected an object');
  const unknown = Object.keys(batch).find((key) => !['ids', 'vectors', 'payloads'].includes(key));
  if (unknown !== undefined) throw formatError(`unknown field \`${unknown}\` in \`batch\``);
  const ids = column(batch['ids'], 'batch.ids').map((id, index) => requirePointId(id, `batch.ids.${index}`));
  const vectors = vectorColumns(batch['vectors'], ids.length, collection);
  const payloads = batch['payloads'] === undefined || batch['payloads'] === null ? undefined : column(batch['payloads'], 'batch.payloads');
  if (payloads !== undefined) sameLength(payloads.length, ids.length, 'batch.payloads');
  return ids.map((id, index) => ({
    id,
    vectors: vectors[index] ?? new Map(),
    payload: readPayload(payloads?.[index], `batch.payloads.${index}`, limits),
  }));
}

/** A list of vectors, or a map of such lists by vector name; one map per point comes out. */
function vectorColumns(value: BodyValue | undefined, length: number, collection: CollectionConfig): readonly NamedVectors[] {
  const named: readonly (readonly [string, BodyValue])[] = isObject(value ?? null) ? Object.entries(value ?? {}) : [['', value ?? null]];
  const points = Array.from({ length }, () => new Map<string, Float32Array>());
  for (const [name, vectors] of named) {
    const path = name === '' ? 'batch.vectors' : `batch.vectors.${name}`;
    const rows = column(vectors, path);
    sameLength(rows.length, length, path);
    for (const [index, row] of rows.entries()) points[index]?.set(name, readVector(row, `${path}.${index}`, collection, name));
  }
  return points;
}

function readPayload(value: BodyValue | undefined, path: string, limits: RequestLimits): JsonObject {
  return value === undefined || value === null ? {} : checkPayload(requireJsonObject(value, path), limits);
}

function column(value: BodyValue | undefined, path: string): readonly BodyValue[] {
  if (value instanceof NumberList) return value.exact();
  if (value === undefined || !isList(value)) throw formatError(`${path}: expected a list`);
  return value;
}

function sameLength(length: number, expected: number, path: string): void {
  if (length !== expected) throw formatError(`${path}: has ${length} entries for ${expected} ids`);
}
