/** What a write must fulfil before it is logged; nothing has happened when it is refused. Texts are those of the public API. */
import assert from 'node:assert/strict';
import { BadInputError } from '../errors.ts';
import { stringifyObject } from '../json/lossless-json.ts';
import type { CollectionConfig, VectorConfig } from '../model/collection.ts';
import type { JsonObject } from '../model/json-value.ts';
import type { PointId } from '../model/point-id.ts';
import type { NamedVectors, Point } from '../model/point.ts';
import type { PointSelection, WriteOperation } from '../model/write-operation.ts';

export interface AdmittedPoint {
  readonly id: PointId;
  /** Lossless JSON, UTF-8. */
  readonly payload: Buffer;
  /** As they are stored: of unit length for Cosine. */
  readonly vectors: NamedVectors;
}

/** A write that may be logged once its rows are assigned and its filter is resolved. */
export type AdmittedOperation =
  | { readonly kind: 'upsert'; readonly points: readonly AdmittedPoint[] }
  | { readonly kind: 'delete'; readonly selection: PointSelection }
  | { readonly kind: 'set-payload'; readonly selection: PointSelection; readonly payload: Buffer };

/** Far above what the edge lets through (256 KiB as sent), because numbers may take more room in our form. */
const payloadBytesMax = 4 * 1024 * 1024;

/** Throws BadInputError. */
export function admitOperation(operation: WriteOperation, config: CollectionConfig): AdmittedOperation {
  switch (operation.kind) {
    case 'upsert':
      return { kind: 'upsert', points: operation.points.map((point) => admitPoint(point, config)) };
    case 'delete':
      return operation;
    case 'set-payload':
      return { ...operation, payload: admitPayload(operation.payload) };
  }
}

/** Memory that the write takes while it waits, about. */
export function bytesOf(operation: AdmittedOperation): number {
  switch (operation.kind) {
    case 'upsert':
      return operation.points.reduce((sum, point) => sum + pointBytes(point), 0);
    case 'delete':
      return selectionBytes(operation.selection);
    case 'set-payload':
      return selectionBytes(operation.selection) + operation.payload.length;
  }
}

const idBytes = 32;

function pointBytes({ payload, vectors }: AdmittedPoint): number {
  let bytes = idBytes + payload.length;
  for (const vector of vectors.values()) bytes += vector.byteLength;
  return bytes;
}

function selectionBytes(selection: PointSelection): number {
  return selection.kind === 'ids' ? selection.ids.length * idBytes : 0;
}

function admitPoint({ id, vectors, payload }: Point, config: CollectionConfig): AdmittedPoint {
  const admitted = new Map<string, Float32Array>();
  for (const [name, vector] of vectors) admitted.set(name, admitVector(name, vector, config));
  return { id, payload: admitPayload(payload), vectors: admitted };
}

function admitPayload(payload: JsonObject): Buffer {
  const bytes = Buffer.from(stringifyObject(payload));
  assert(bytes.length <= payloadBytesMax, 'a payload is larger than the edge lets through');
  return bytes;
}

/** Name, dimension and components of a vector, for writes and for queries alike; gives it as it is stored. */
export function admitVector(name: string, vector: Float32Array, config: CollectionConfig): Float32Array {
  const expected = config.vectors.get(name);
  if (!expected) throw new BadInputError(`Not existing vector name error: ${name}`);
  if (vector.length !== expected.size) {
    throw new BadInputError(`Vector dimension error: expected dim: ${expected.size}, got ${vector.length}`);
  }
  return normalised(vector, expected);
}

/** Zero vectors stay zero. Plain loops: a callback for each component costs more than all the rest of a write. */
function normalised(vector: Float32Array, config: VectorConfig): Float32Array {
  let squares = 0;
  for (let at = 0; at < vector.length; at++) squares += (vector[at] ?? 0) ** 2;
  if (!Number.isFinite(squares)) throw new BadInputError('a vector holds NaN, an infinity or components too large to compare');
  if (config.distance !== 'Cosine' || squares === 0) return vector;
  const length = Math.sqrt(squares);
  const unit = new Float32Array(vector.length);
  for (let at = 0; at < vector.length; at++) unit[at] = (vector[at] ?? 0) / length;
  return unit;
}
