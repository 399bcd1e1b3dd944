import type { DiskFile } from './disk.ts';
import { segmentName } from './segment-format.ts';
import type { Location } from './sequence-index.ts';

/** One segment file. `liveBytes` counts the records of entries that some replica still needs. */
export interface Segment {
  readonly number: number;
  readonly name: string;
  file: DiskFile;
  readonly seed: number;
  nextFrame: number;
  size: number;
  liveBytes: number;
  /** Reads under way; a removed segment is closed when there are none. */
  readers: number;
  removed: boolean;
}

export function segmentOf(options: { number: number; file: DiskFile; seed: number; nextFrame: number; size: number }): Segment {
  return { ...options, name: segmentName(options.number), liveBytes: 0, readers: 0, removed: false };
}

/** The segment files in order of their numbers, without gaps; the last one is written to. */
export class Segments {
  readonly #byNumber = new Map<number, Segment>();
  #newest: Segment | undefined;

  get all(): readonly Segment[] {
    return [...this.#byNumber.values()];
  }

  get oldest(): Segment | undefined {
    return this.#byNumber.values().next().value;
  }

  get newest(): Segment | undefined {
    return this.#newest;
  }

  add(segment: Segment): void {
    this.#newest = segment;
    this.#byNumber.set(segment.number, segment);
  }

  get(number: number): Segment | undefined {
    return this.#byNumber.get(number);
  }

  delete(segment: Segment): void {
    segment.removed = true;
    this.#byNumber.delete(segment.number);
    if (this.#newest === segment) this.#newest = this.#byNumber.get(segment.number - 1);
  }

  gain(location: Location): void {
    const segment = this.#byNumber.get(location.segment);
    if (segment !== undefined) segment.liveBytes += location.length;
  }

  lose(location: Location): void {
    const segment = this.#byNumber.get(location.segment);
    if (segment !== undefined) segment.liveBytes -= location.length;
  }
}
