/**
 * Equal strings of many objects as one. What is parsed has a string of its own for each value, and most of what a cache holds are the
 * same names, labels, kinds and messages again and again.
 */

/** V8 itself keeps one of each that is no longer than this; longer than the other ones are seldom equal. */
const lengths = { least: 11, most: 256 };

/** Beyond, all are forgotten at once: later objects share among themselves. */
const strings = 65_536;

export class SharedStrings {
  readonly #known = new Map<string, string>();

  /** Changes the value itself, which nobody else may hold yet. */
  share<T>(parsed: T): T {
    this.#within(parsed);
    return parsed;
  }

  #within(value: unknown): void {
    if (!isHolder(value)) return;
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'string') value[key] = this.#one(each);
      else this.#within(each);
    }
  }

  #one(text: string): string {
    if (text.length < lengths.least || text.length > lengths.most) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= strings) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
