import { expect, test } from 'vitest';
import {
  DocumentsDamagedError,
  DocumentsFailedError,
  failureOf,
  InsufficientSpaceError,
  readFailureOf,
  saysDamage,
} from './documents-errors.ts';

/** As RocksDB words them; all have the code EIO. */
const native = (message: string): Error =>
  new Error('Batch was not applied', { cause: Object.assign(new Error(message), { code: 'EIO' }) });

test.for([
  'block checksum mismatch: stored(context removed) = 1, computed = 2, type = 4  in /d/000009.sst offset 97507 size 8122',
  'Bad table magic number: expected 1, found 2 in /d/000009.sst',
  'file is too short (100 bytes) to be an sstable: /d/000009.sst',
  'While pread offset 0 len 4096: /d/000009.sst: Input/output error',
])('damage: %s', (message) => {
  expect(saysDamage(native(message))).toBe(true);
  expect(failureOf(native(message))).toBeInstanceOf(DocumentsDamagedError);
});

test.for([
  'lock hold by current process, acquire time 1 acquiring thread 2: /d/LOCK: No locks available',
  'While open a file for random read: /d/000009.sst: Too many open files',
  'While opening a file for sequentially reading: /d/CURRENT: Permission denied',
  'While appending to file: /d/000010.log: No space left on device',
])('no damage: %s', (message) => {
  const error = native(message);
  expect(saysDamage(error)).toBe(false);
  expect(readFailureOf(error)).toBe(error);
  expect(failureOf(error)).not.toBeInstanceOf(DocumentsDamagedError);
  expect(failureOf(error)).toBeInstanceOf(DocumentsFailedError);
  expect(failureOf(error) instanceof InsufficientSpaceError).toBe(message.includes('No space'));
});
