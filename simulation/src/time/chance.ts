/** Numbers that follow from a seed alone. Each part of a world has its own, so that what one draws changes nothing for the others. */
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';

export class Chance {
  readonly #seed: number;
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.next = seededRandom(seed);
  }

  of(name: string): Chance {
    let mixed = Math.imul(this.#seed ^ 0x51ed270b, 0x9e3779b1);
    for (let index = 0; index < name.length; index += 1) mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193);
    return new Chance(mixed >>> 0);
  }

  /** True so often. */
  is(probability: number): boolean {
    return this.next() < probability;
  }

  /** From `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** Mostly near `usual`, now and then up to `most`. */
  skewed(usual: number, most: number): number {
    return this.is(0.95) ? usual * (0.5 + this.next()) : this.between(usual, most);
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  pickSome<T>(from: readonly T[], count: number): readonly T[] {
    const rest = [...from];
    const picked: T[] = [];
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(Math.floor(this.next() * rest.length), 1));
    return picked;
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += Math.floor(this.next() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  }
}
