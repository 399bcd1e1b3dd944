import { expect, test } from 'vitest';
import { explainError } from './explain-error.ts';

test.for([
  ['EACCES', '/state may not be written by this user: name another folder with --state, or change its owner (told).'],
  ['ENOSPC', '/state is on a disk that is full: make room, or name a folder on another disk with --state (told).'],
  ['EROFS', '/state is on a file system that is read-only: name another folder with --state (told).'],
  ['EELSE', 'told'],
])('%s', ([code, expected]) => {
  expect(explainError(Object.assign(new Error('told'), { code }), '/state')).toBe(expected);
});
