/** Which shard of a collection owns a point: the shards' hash ranges cut the 64-bit hash space into pieces without gap or overlap. */
import { pointIdKey, type PointId } from '../model/point-id.ts';

export const lastHash = 2n ** 64n - 1n;

/** 64-bit hash of bytes. */
export type Hash = (bytes: Uint8Array) => bigint;

export interface HashRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Bytes that are hashed: 8 little-endian for a number, 16 for a UUID. */
export function hashedBytes(id: PointId): Buffer {
  const key = pointIdKey(id).subarray(1);
  return typeof id === 'bigint' ? key.reverse() : key;
}

/** True when the ranges, sorted ascending, cover every hash exactly once. */
export function coversAllHashes(ranges: readonly HashRange[]): boolean {
  let next = 0n;
  for (const { first, last } of ranges) {
    if (first !== next || last < first) return false;
    next = last + 1n;
  }
  return next === lastHash + 1n;
}

/** Index of the range that holds `hash`. `ranges` are sorted ascending and cover all hashes. */
export function rangeOf(hash: bigint, ranges: readonly HashRange[]): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (range !== undefined && range.last < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Splits `items` by owning range, keeping their order inside each; ranges that own none are left out. */
export function groupByRange<Item>(
  items: Iterable<Item>,
  idOf: (item: Item) => PointId,
  ranges: readonly HashRange[],
  hash: Hash,
): ReadonlyMap<number, readonly Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const index = rangeOf(hash(hashedBytes(idOf(item))), ranges);
    const group = groups.get(index);
    if (group === undefined) groups.set(index, [item]);
    else group.push(item);
  }
  return groups;
}
