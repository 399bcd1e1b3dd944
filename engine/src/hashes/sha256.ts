import { subtle } from 'node:crypto';
import { nativeAddon } from '../vectors/native-addon.ts';

/** `bytes` must not change until it resolves. */
export type Sha256 = (bytes: Buffer) => Promise<Buffer>;

/** Of much at once, on the engine's thread that gives way to all others, where node's binary lets addons have its OpenSSL. */
export const sha256: Sha256 = nativeAddon.sha256 ?? sha256InPool;

/** Copies the bytes on the calling thread, and takes one of those that searches wait for. */
async function sha256InPool(bytes: Buffer): Promise<Buffer> {
  return Buffer.from(await subtle.digest('SHA-256', bytes));
}
