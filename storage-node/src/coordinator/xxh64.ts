import xxhash from 'xxhash-wasm';
import type { Hash } from './router.ts';

/** xxh64 with seed 0, the hash that hash ranges of shards are in. */
export async function loadXxh64(): Promise<Hash> {
  const xxh = await xxhash();
  return (bytes) => xxh.h64Raw(bytes);
}
