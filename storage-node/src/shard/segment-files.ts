/**
 * Segments saved to files, so that a restart need not build their graphs again. A file only ever spares work: the rows it holds are
 * committed and never change, rows it lacks come from the documents, and a file that cannot be read is removed and made again.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SegmentFileError, type SegmentOptions, type VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import type { Logger } from '../logger.ts';

/** Reads a saved segment; SegmentFileError when the file is damaged or of other options. */
export type OpenSegment = (path: string, options: SegmentOptions) => Promise<VectorSegment>;

/** The saved segments of one vector name. */
export interface SegmentFiles {
  /** Indexes of the segments that are saved. */
  list(): Promise<readonly number[]>;
  open(index: number, options: SegmentOptions): Promise<VectorSegment | undefined>;
  /** A failure is logged and leaves the file that was there. */
  save(index: number, segment: VectorSegment): Promise<void>;
  remove(index: number): Promise<void>;
}

/** Names are VECTOR_NUMBER-SEGMENT_INDEX.segment in `folder`. */
export class SegmentFolder {
  readonly #folder: string;
  readonly #open: OpenSegment;
  readonly #logger: Logger;

  constructor(folder: string, open: OpenSegment, logger: Logger) {
    this.#folder = folder;
    this.#open = open;
    this.#logger = logger;
  }

  of(vectorNumber: number): SegmentFiles {
    const path = (index: number): string => join(this.#folder, `${vectorNumber}-${index}.segment`);
    return {
      list: async () => {
        const names = await readdir(this.#folder).catch(() => []);
        return names.flatMap((name) => {
          const [, number, index] = /^(\d+)-(\d+)\.segment$/.exec(name) ?? [];
          return Number(number) === vectorNumber ? [Number(index)] : [];
        });
      },
      open: async (index, options) => {
        try {
          return await this.#open(path(index), options);
        } catch (error) {
          this.#logger.warn({ err: error, file: path(index) }, 'saved segment cannot be read and is built again');
          if (error instanceof SegmentFileError) await rm(path(index), { force: true });
          return undefined;
        }
      },
      save: async (index, segment) => {
        try {
          await mkdir(this.#folder, { recursive: true });
          await segment.save(path(index));
        } catch (error) {
          this.#logger.warn({ err: error, file: path(index) }, 'segment cannot be saved');
        }
      },
      remove: async (index) => {
        await rm(path(index), { force: true });
      },
    };
  }
}

/** For replicas that live in memory only. */
export const noSegmentFiles: SegmentFiles = {
  list: async () => [],
  open: async () => undefined,
  save: async () => {},
  remove: async () => {},
};
