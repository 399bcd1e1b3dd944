import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Unit vectors with queries and their exact neighbours, as files of plain little-endian numbers. */
export interface DataSet {
  readonly dimension: number;
  readonly count: number;
  /** Row-major. */
  readonly vectors: Float32Array;
  readonly queries: readonly Float32Array[];
  /** Exact cosine of the 100 nearest of each query, best first. */
  readonly truthScores: readonly Float32Array[];
  readonly filters: readonly FilterBlock[];
}

export interface FilterBlock {
  readonly name: string;
  readonly group: string;
  readonly matching: number;
  readonly selectivity: number;
}

const dimension = 384;
const truthDepth = 100;

/** A folder with base.f16.bin, queries.f32.bin and truth.scores.f32.bin, 384 dimensions, 100 true neighbours a query. */
export function readDataSet(folder: string): DataSet {
  const half = bytesOf(join(folder, 'base.f16.bin'));
  const raw = new Uint16Array(half);
  const vectors = Float32Array.from(raw, halfToFloat);
  return {
    dimension,
    count: raw.length / dimension,
    vectors,
    queries: rows(new Float32Array(bytesOf(join(folder, 'queries.f32.bin'))), dimension),
    truthScores: rows(new Float32Array(bytesOf(join(folder, 'truth.scores.f32.bin'))), truthDepth),
    filters: [],
  };
}

function bytesOf(path: string): ArrayBuffer {
  const file = readFileSync(path);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
}

function rows(all: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: all.length / width }, (_, row) => all.slice(row * width, (row + 1) * width));
}

function halfToFloat(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}
