import { subtle } from 'node:crypto';

export type Sha256 = (body: Buffer) => Promise<Buffer>;

/** In a thread of the pool: a part is too much for the one that answers clients. */
export async function sha256InPool(body: Buffer): Promise<Buffer> {
  return Buffer.from(await subtle.digest('SHA-256', body));
}
