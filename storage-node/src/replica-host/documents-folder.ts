/**
 * Where the documents are, and how a damaged database is replaced:
 *
 *   documents/             the database
 *   documents-damaged      says that it must be mended before anything is written to it
 *   documents.mended/      the one that will take its place
 *   documents.damaged/     the one that was replaced, kept while it holds the last data of a replica; LOST names those
 */
import { access, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncFolder, writeDurably } from './durable-file.ts';

const lostFile = z.array(z.string());

export class DocumentsFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async markDamaged(because: string): Promise<void> {
    await writeDurably(this.#mark, because);
  }

  async isMarkedDamaged(): Promise<boolean> {
    return await exists(this.#mark);
  }

  /** Where to make the new database; nothing is there. */
  async makeReplacement(): Promise<string> {
    await rm(this.#mended, { recursive: true, force: true });
    return this.#mended;
  }

  /** The new database is complete and synced. `lost` are replicas whose data only the old one has. */
  async replace(lost: readonly string[]): Promise<void> {
    await rm(this.#damaged, { recursive: true, force: true });
    await writeDurably(join(this.path, 'LOST'), JSON.stringify(lost));
    await rename(this.path, this.#damaged);
    await this.finishReplacement();
    await rm(this.#mark, { force: true });
    await this.removeUnlessNeeded(lost);
  }

  /** To be called first: the process may have ended between two renames. */
  async finishReplacement(): Promise<void> {
    if ((await exists(this.path)) || !(await exists(this.#mended))) return;
    await rename(this.#mended, this.path);
    await syncFolder(dirname(this.path));
    await rm(this.#mark, { force: true });
  }

  /** The old database goes when none of these replicas has its last data in it. */
  async removeUnlessNeeded(replicas: readonly string[]): Promise<void> {
    const text = await readFile(join(this.#damaged, 'LOST'), 'utf8').catch(() => '[]');
    if (!lostFile.parse(JSON.parse(text)).some((lost) => replicas.includes(lost)))
      await rm(this.#damaged, { recursive: true, force: true });
  }

  get #mark(): string {
    return `${this.path}-damaged`;
  }

  get #mended(): string {
    return `${this.path}.mended`;
  }

  get #damaged(): string {
    return `${this.path}.damaged`;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
