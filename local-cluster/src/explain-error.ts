/** Errors of the machine as a sentence that says what to do; the program's own errors say it themselves. */

/** By the code of the system call. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this user: name another folder with --state, or change its owner',
  EPERM: 'may not be written by this user: name another folder with --state, or change its owner',
  EROFS: 'is on a file system that is read-only: name another folder with --state',
  ENOTDIR: 'is not a folder, or lies below something that is none: name another one with --state',
  EEXIST: 'is not a folder: name another one with --state',
  ENOSPC: 'is on a disk that is full: make room, or name a folder on another disk with --state',
  EDQUOT: 'is on a disk where the quota is used up: make room, or name a folder on another disk with --state',
  EMFILE: 'cannot be read: too many files are open. Raise the limit, for example with "ulimit -n 65536"',
};

/** `folder` is the state folder, which an error of a system call is about. */
export function explainError(error: unknown, folder: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const remedy = remedies[code];
  return remedy === undefined ? message : `${folder} ${remedy} (${message}).`;
}
