/**
 * When a read that takes long is asked of a second copy as well ("The Tail at Scale"): after the time that 95 of 100 recent ones took, and
 * for at most 5 of 100, so that a cluster that is slow because it is busy does not get twice the work.
 */
const percentile = 0.95;
const share = 0.05;
/** Hedges that a quiet time may save up; a new process begins with some. */
const savedMost = 50;
const savedAtFirst = 10;
const samplesMost = 256;
const samplesLeast = 64;
/** The percentile is computed anew after so many samples. */
const samplesBetween = 64;
const delayAtFirstMs = 50;
const delayLeastMs = 2;
const delayMostMs = 500;

export class Hedging {
  readonly #samples = new Float64Array(samplesMost);
  #count = 0;
  #delayMs = delayAtFirstMs;
  #saved = savedAtFirst;

  /** One read of one shard was answered, by whichever copy, so long after it was first asked for. */
  answered(tookMs: number): void {
    this.#samples[this.#count % samplesMost] = tookMs;
    this.#count += 1;
    this.#saved = Math.min(savedMost, this.#saved + share);
    if (this.#count >= samplesLeast && this.#count % samplesBetween === 0) this.#delayMs = this.#percentile();
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  /** Whether one more may be sent; counts it. */
  take(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }

  #percentile(): number {
    const sorted = this.#samples.slice(0, Math.min(this.#count, samplesMost)).toSorted();
    const value = sorted[Math.floor(sorted.length * percentile)] ?? delayAtFirstMs;
    return Math.min(delayMostMs, Math.max(delayLeastMs, value));
  }
}
