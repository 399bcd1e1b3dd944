import { JsonFloat } from '../model/json-value.ts';
import { JsonError } from './json-error.ts';

const maxUnsigned = 2n ** 64n - 1n;
const minSigned = -(2n ** 63n);

/** The value that a number token of JSON stands for; `parsed` is the token as a double. */
export function exactNumber(source: string, parsed: number): number | bigint | JsonFloat {
  if (!Number.isFinite(parsed)) throw new JsonError(`number out of range: ${source.slice(0, 40)}`);
  if (!Number.isInteger(parsed)) return parsed;
  if (/[.eE]/.test(source)) return new JsonFloat(parsed);
  if (Number.isSafeInteger(parsed)) return parsed;
  // The length bound keeps BigInt() away from numbers with a million digits.
  const integer = source.length <= 21 ? BigInt(source) : maxUnsigned + 1n;
  return integer <= maxUnsigned && integer >= minSigned ? integer : new JsonFloat(parsed);
}

/** Whether a text may hold a number that a plain `JSON.parse` would change: 16 digits in a row, an exponent, or a fraction that may be zero. */
export function mayNeedExactNumbers(text: string): boolean {
  return /[0-9]{16}|[0-9][eE]|\.0/.test(text);
}
