/** 32-bit floats in JSON: a stored 0.1 must print as `0.1`, not as the double 0.10000000149011612. */

const firstDigits = 7;
const lastDigits = 9;
/** Below it a 32-bit float has less precision the smaller it is. */
const smallestNormal = 2 ** -126;
/** Largest power of ten that a double holds exactly. */
const exactPower = 22;
const powersOfTen = Array.from({ length: exactPower + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The double whose shortest text is the shortest text of the 32-bit float `value`.
 *
 * Rounds to 7, 8, then 9 digits until the result reads back as the same 32-bit float. Fewer than 7 need no try: where fewer suffice, rounding
 * to 7 gives the same double. Integers are left as they are.
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value)) return value;
  const magnitude = Math.ceil(Math.log10(Math.abs(value)));
  for (let digits = Math.abs(value) < smallestNormal ? 1 : firstDigits; digits < lastDigits; digits += 1) {
    const places = digits - magnitude;
    const power = powersOfTen[places];
    const rounded = power === undefined ? Number(value.toPrecision(digits)) : Math.round(value * power) / power;
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(lastDigits));
}

/** JSON text of a vector. */
export function float32ListText(vector: Float32Array): string {
  return JSON.stringify(Array.from(vector, shortestFloat32));
}
