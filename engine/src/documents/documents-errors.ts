/** The database cannot be opened; the message says what to do or see. */
export class DocumentsOpenError extends Error {
  override readonly name = 'DocumentsOpenError';
  readonly path: string;
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot open the documents in ${path}: ${reason}`, options);
    this.path = path;
  }
}

/** The disk is full. The batch was not written; reads go on, writes fail until the documents are opened anew with space left. */
export class InsufficientSpaceError extends Error {
  override readonly name = 'InsufficientSpaceError';
}

export async function namingLackOfSpace(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (saysNoSpace(error)) throw new InsufficientSpaceError('the disk of the documents is full', { cause: error });
    throw error;
  }
}

function saysNoSpace(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/no space left|ENOSPC|space limit/i.test(at.message)) return true;
  }
  return false;
}
