/** Ranges of the 64-bit hash space. Shard i of n owns [⌊i·2⁶⁴/n⌋, ⌊(i+1)·2⁶⁴/n⌋ − 1]. */

export interface HashRange {
  /** Sixteen lower-case hexadecimal digits, both ends included. */
  readonly first: string;
  readonly last: string;
}

const space = 2n ** 64n;

export function hashRange(index: number, shards: number): HashRange {
  const start = (shard: number) => (BigInt(shard) * space) / BigInt(shards);
  return { first: hex(start(index)), last: hex(start(index + 1) - 1n) };
}

/** Which shard of how many has this range: a shard that exists tells how its collection was cut, whatever the spec says now. */
export function partOfSpace({ first, last }: HashRange): { readonly index: number; readonly shards: number } | undefined {
  const start = BigInt(`0x${first}`);
  const size = BigInt(`0x${last}`) - start + 1n;
  if (size <= 0n) return undefined;
  const shards = Number((space + size / 2n) / size);
  const index = Number((start * BigInt(shards) + space - 1n) / space);
  const expected = hashRange(index, shards);
  return expected.first === first && expected.last === last ? { index, shards } : undefined;
}

function hex(bound: bigint): string {
  return bound.toString(16).padStart(16, '0');
}
