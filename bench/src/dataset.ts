/** Real vectors with payloads: the example's words, or a folder with `base.f16.bin`, `queries.f32.bin` and `payload.jsonl.gz`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export const dimension = 384;
const exampleFolder = fileURLToPath(new URL('../../examples/reverse-dictionary/data/', import.meta.url));

type Payload = Readonly<Record<string, unknown>>;

export interface Dataset {
  readonly name: string;
  readonly count: number;
  /** Row-major, one row a point; the id of a point is its row. */
  readonly vectors: Float32Array;
  /** JSON text of each payload. */
  readonly payloads: readonly string[];
  readonly queries: readonly Float32Array[];
  /** About a tenth of the points. */
  readonly filter: DataFilter;
}

export interface DataFilter {
  readonly text: string;
  readonly key: string;
  readonly matches: (payload: Payload) => boolean;
  /** As the public REST API takes it. */
  readonly rest: object;
  readonly grpc: { readonly keyword: string } | { readonly range: { readonly gte: number; readonly lt: number } };
}

export async function readDataset(folder: string | undefined, most: number): Promise<Dataset> {
  return folder === undefined ? await readExample(most) : await readFolder(folder, most);
}

export function vectorOf({ vectors }: Dataset, row: number): Float32Array {
  return vectors.subarray(row * dimension, (row + 1) * dimension);
}

async function readExample(most: number): Promise<Dataset> {
  const payloads = (await lines(join(exampleFolder, 'words.jsonl.gz'))).slice(0, most);
  const packed = await readFile(join(exampleFolder, 'vectors.i8.bin'));
  const components = new Int8Array(packed.buffer, packed.byteOffset, payloads.length * dimension);
  return {
    name: 'reverse dictionary',
    count: payloads.length,
    vectors: Float32Array.from(components, (component) => component / 127),
    payloads,
    queries: rows(floats(await readFile(join(exampleFolder, 'questions.f32.bin')))),
    filter: {
      text: 'pos = verb',
      key: 'pos',
      matches: ({ pos }) => pos === 'verb',
      rest: { must: [{ key: 'pos', match: { value: 'verb' } }] },
      grpc: { keyword: 'verb' },
    },
  };
}

async function readFolder(folder: string, most: number): Promise<Dataset> {
  const payloads = (await lines(join(folder, 'payload.jsonl.gz'))).slice(0, most);
  const packed = await readFile(join(folder, 'base.f16.bin'));
  const halves = new Uint16Array(packed.buffer.slice(packed.byteOffset, packed.byteOffset + payloads.length * dimension * 2));
  const values = Float32Array.from({ length: 65_536 }, (_, half) => halfValue(half));
  const range = { gte: 500, lt: 600 };
  return {
    name: folder.split('/').findLast((part) => part !== '') ?? folder,
    count: payloads.length,
    vectors: Float32Array.from(halves, (half) => values[half] ?? 0),
    payloads,
    queries: rows(floats(await readFile(join(folder, 'queries.f32.bin')))),
    filter: {
      text: '500 <= bucket < 600',
      key: 'bucket',
      matches: ({ bucket }) => typeof bucket === 'number' && bucket >= range.gte && bucket < range.lt,
      rest: { must: [{ key: 'bucket', range }] },
      grpc: { range },
    },
  };
}

async function lines(path: string): Promise<readonly string[]> {
  return (await promisify(gunzip)(await readFile(path))).toString().trim().split('\n');
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function rows(flat: Float32Array): readonly Float32Array[] {
  return Array.from({ length: flat.length / dimension }, (_, row) => flat.subarray(row * dimension, (row + 1) * dimension));
}

function halfValue(half: number): number {
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  const magnitude = exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
  return half >> 15 === 1 ? -magnitude : magnitude;
}
