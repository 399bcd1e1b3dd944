/**
 * Packing with our addon. rocksdb-native makes two buffers outside of the heap for each row, which costs 4 ms of CPU a MB of short rows in
 * the thread of JavaScript; the addon reads the same iterator with the functions of the library that the package has linked in, on a thread
 * that gives way to all others. Some of what it needs is private to the package, so it is used with that version alone where this was tried.
 */
import { once } from 'node:events';
import { nativeAddon } from '../vectors/native-addon.ts';
import type { PackedRows, Packing } from './packed-rows.ts';
import { addonPath, packageVersion, type NativeIterator } from './rocksdb-native.ts';

const triedVersion = '3.18.1';
const familyBytes = 1;

const isUsable = packageVersion === triedVersion && addonPath !== undefined && nativeAddon.canPackRows(addonPath);
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
