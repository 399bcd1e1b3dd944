/** Writes are refused from 90 % of the disk on, until it is at 85 % again, so that the log and the documents never meet a full disk. */
import { statfs } from 'node:fs/promises';

const refuseFrom = 0.9;
const acceptBelow = 0.85;

/** Pure: whether to refuse, given whether it did before. */
export function refusesAt(usedShare: number, refusedBefore: boolean): boolean {
  return refusedBefore ? usedShare >= acceptBelow : usedShare >= refuseFrom;
}

/** Share of the file system that ordinary users cannot write to any more, 0 to 1. */
export async function usedShare(path: string): Promise<number> {
  const { blocks, bavail } = await statfs(path);
  return blocks === 0 ? 0 : 1 - bavail / blocks;
}
