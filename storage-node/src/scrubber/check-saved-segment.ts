/** Verifies a saved segment by the checksums of its parts, without loading it (layout: engine/native/segment_file.hpp). */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { crc32c } from './crc32c.ts';
import type { ScrubStep } from './finding.ts';
import type { SavedFile } from './scrub-plan.ts';

const stepBytes = 256 * 1024;
const headerBytes = 96;
const headerCrcAt = 92;
const sectionsAt = [40, 56, 72];
const magic = Buffer.from('VCSEGMNT');

/** A file that is damaged is removed: it only ever spares work, and whoever opens the replica next makes it again. */
export async function* checkSavedSegment({ path, replicaId }: SavedFile): AsyncGenerator<ScrubStep> {
  let because: string | undefined;
  try {
    await using file = await open(path, 'r');
    for await (const part of checkParts(file)) {
      because = part.wrong;
      yield { bytes: part.bytes, findings: [] };
    }
  } catch (error) {
    // Dropped or replaced meanwhile.
    if (isCode(error, 'ENOENT')) return;
    if (!isCode(error, 'EIO')) throw error;
    because = 'it cannot be read';
  }
  if (because === undefined) return;
  await rm(path, { force: true });
  yield { bytes: 0, findings: [{ kind: 'rebuild', replicaId, because: `saved segment ${path}: ${because}` }] };
}

interface Part {
  readonly bytes: number;
  readonly wrong?: string;
}

async function* checkParts(file: FileHandle): AsyncGenerator<Part> {
  const header = await read(file, 0, headerBytes);
  if (
    header.length < headerBytes ||
    !header.subarray(0, magic.length).equals(magic) ||
    crc32c(header.subarray(0, headerCrcAt)) !== header.readUInt32LE(headerCrcAt)
  ) {
    yield { bytes: header.length, wrong: 'the header is damaged' };
    return;
  }
  yield { bytes: headerBytes };
  let at = headerBytes;
  for (const section of sectionsAt) {
    const end = at + Number(header.readBigUInt64LE(section));
    let crc = 0;
    while (at < end) {
      const bytes = await read(file, at, Math.min(stepBytes, end - at));
      if (bytes.length === 0) {
        yield { bytes: 0, wrong: 'it ends early' };
        return;
      }
      crc = crc32c(bytes, crc);
      at += bytes.length;
      yield { bytes: bytes.length };
    }
    if (crc === header.readUInt32LE(section + 8)) continue;
    yield { bytes: 0, wrong: 'a checksum does not match' };
    return;
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
