import { createHash } from 'node:crypto';

/** Not in a thread of the pool: when one is done is not decided by the seed. */
export async function sha256AtOnce(body: Buffer): Promise<Buffer> {
  return createHash('sha256').update(body).digest();
}
