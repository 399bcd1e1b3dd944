/** The database cannot be opened; the message says what to do or see. */
export class DocumentsOpenError extends Error {
  override readonly name = 'DocumentsOpenError';
  readonly path: string;
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot open the documents in ${path}: ${reason}`, options);
    this.path = path;
  }
}

/** Nothing can be written until the documents are opened anew; reads go on. The batch was not written. */
export class DocumentsFailedError extends Error {
  override readonly name: string = 'DocumentsFailedError';
}

/** The disk is full: open the documents anew with space left. */
export class InsufficientSpaceError extends DocumentsFailedError {
  override readonly name = 'InsufficientSpaceError';
}

/** Some file is not what was written. Whatever reads it fails, and once a compaction has met it nothing is written any more. */
export class DocumentsDamagedError extends DocumentsFailedError {
  override readonly name = 'DocumentsDamagedError';
}

/** What was asked for cannot be read, or is not what was written; other documents can. */
export class UnreadableDocumentsError extends Error {
  override readonly name = 'UnreadableDocumentsError';
}

/** Why a write or a flush failed. */
export function failureOf(cause: unknown): DocumentsFailedError {
  const reason = reasonOf(cause);
  if (/no space left|ENOSPC|space limit/i.test(reason)) return new InsufficientSpaceError('the disk of the documents is full', { cause });
  if (saysDamage(cause)) return new DocumentsDamagedError(`the documents are damaged: ${reason}`, { cause });
  return new DocumentsFailedError(`the documents cannot be written: ${reason}`, { cause });
}

/** Why a read failed; what says nothing of damage is thrown as it is. */
export function readFailureOf(cause: unknown): unknown {
  return saysDamage(cause) ? new UnreadableDocumentsError(`documents cannot be read: ${reasonOf(cause)}`, { cause }) : cause;
}

/**
 * RocksDB gives EIO for everything, for a lock that another process holds as for a checksum that does not match: only its words tell. What
 * is not known here counts as passing, since data that are called damaged are set aside.
 */
const damageWords =
  /checksum mismatch|corrupt|bad (table|block|entry|magic)|(bad|unknown) footer|too short|truncated (block|record)|malformed|input\/output error/i;

export function saysDamage(error: unknown): boolean {
  return damageWords.test(reasonOf(error));
}

function reasonOf(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) reasons.push(at.message);
  return reasons.join(': ');
}
