/**
 * Packing with our addon. rocksdb-native makes two buffers outside of the heap for each row; the addon reads the same iterator with the
 * functions of the library that the package has linked in, at a tenth of the cost and on a thread that gives way to all others. Some of
 * what it needs is private to the package, so it is used with that version alone in which this was looked up (ADR 0012).
 */
import { once } from 'node:events';
import { nativeAddon } from '../vectors/native-addon.ts';
import type { PackedRows, Packing } from './packed-rows.ts';
import { addonPath, packageVersion, type NativeIterator } from './rocksdb-native.ts';

const knownVersion = '3.18.1';
const familyBytes = 1;

const isUsable = packageVersion === knownVersion && addonPath !== undefined && nativeAddon.canPackRows(addonPath);
/** What `packNatively` reads with; undefined where rows cannot be packed so. */
export const packingLibrary = isUsable ? addonPath : undefined;

/** Of an iterator that nobody has read from; it is closed. Keys have the byte of their family before them. */
export async function packNatively(library: string, iterator: NativeIterator, { into, omitted, limit }: Packing): Promise<PackedRows> {
  try {
    await opened(iterator);
    const { bytes, rows, next, nextBytes } = await nativeAddon.packRows(library, iterator._handle, into, omitted, limit);
    return { bytes, rows, next: next && { key: next.subarray(familyBytes), bytes: nextBytes } };
  } finally {
    const closed = once(iterator, 'close');
    iterator.destroy();
    await closed;
  }
}

async function opened(iterator: NativeIterator): Promise<void> {
  await iterator.ready();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  iterator._open((error) => (error ? reject(error) : resolve()));
  await promise;
}
