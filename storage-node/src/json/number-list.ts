import type { JsonValue } from '../model/json-value.ts';
import { exactNumber, mayNeedExactNumbers } from './exact-number.ts';
import { JsonError } from './json-error.ts';

/**
 * A long list of numbers in a request body, kept as its text until the reader knows what it is.
 *
 * A vector needs fast parsing and no exactness beyond 32-bit floats; in a payload `1.0` must stay apart from `1`. Only the place of the list
 * in the body tells the two apart, and nine tenths of a body are vectors.
 */
export class NumberList {
  readonly #text: string;

  /** `text` is a JSON array of numbers only. */
  constructor(text: string) {
    this.#text = text;
  }

  numbers(): readonly number[] {
    return parseNumbers(this.#text);
  }

  exact(): readonly JsonValue[] {
    const numbers = parseNumbers(this.#text);
    if (!mayNeedExactNumbers(this.#text)) return numbers;
    return numberTokens(this.#text).map((source, index) => exactNumber(source, numbers[index] ?? Number.NaN));
  }
}

function parseNumbers(text: string): readonly number[] {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the scanner that cut the text out saw only numbers
    return JSON.parse(text) as number[];
  } catch (error) {
    throw new JsonError(error instanceof Error ? error.message : 'not a list of numbers', { cause: error });
  }
}

/** The text has been parsed before, so every run of these characters is one valid number. */
function numberTokens(text: string): readonly string[] {
  return text.match(/[0-9.eE+-]+/g) ?? [];
}
