import { crc32 } from 'node:zlib';
import type { SegmentOptions } from './vector-segment.ts';

/** Bytes: length of the head, head as JSON {options, slots}, rows, crc32 of all before. */
export function encodeExactFile(options: SegmentOptions, vectors: ReadonlyMap<number, Float32Array>): Buffer {
  const head = Buffer.from(JSON.stringify({ options: optionsKey(options), slots: [...vectors.keys()] }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const rows = [...vectors.values()].map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength));
  const body = Buffer.concat([length, head, ...rows]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(body));
  return Buffer.concat([body, checksum]);
}

/** Undefined when the bytes are not what `encodeExactFile` wrote for these options. */
export function decodeExactFile(bytes: Buffer, options: SegmentOptions): Map<number, Float32Array> | undefined {
  if (bytes.length < 8) return undefined;
  const body = bytes.subarray(0, -4);
  if (crc32(body) !== bytes.readUInt32LE(body.length)) return undefined;
  const rowsFrom = 4 + body.readUInt32LE(0);
  const head: { options: string; slots: number[] } = JSON.parse(body.toString('utf8', 4, rowsFrom));
  if (head.options !== optionsKey(options)) return undefined;
  const floats = new Float32Array(new Uint8Array(body.subarray(rowsFrom)).buffer);
  const { dimension } = options;
  return new Map(head.slots.map((slot, row) => [slot, floats.slice(row * dimension, (row + 1) * dimension)]));
}

function optionsKey({ dimension, metric, capacity, connectivity, expansionAdd, traversal = 'float32' }: SegmentOptions): string {
  return JSON.stringify([dimension, metric, capacity, connectivity, expansionAdd, traversal]);
}
