/** 32-bit floats in JSON: a stored 0.1 must print as `0.1`, not as the double 0.10000000149011612. */

/** Up to so many digits survive the way to a 32-bit float and back (FLT_DIG of C). */
const safeDigits = 6;
const lastDigits = 9;
/** Below it a 32-bit float has less precision the smaller it is. */
const smallestNormal = 2 ** -126;
/** Largest power of ten that a double holds exactly. */
const exactPower = 22;
const powersOfTen = Array.from({ length: exactPower + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The double whose shortest text is the shortest text of the 32-bit float `value`.
 *
 * Rounds to 7, 8, then 9 digits until the result reads back as the same 32-bit float. Where 7 do, 6 may do as well. Fewer need no try: where
 * they suffice, rounding to 6 gives the same double. Integers are left as they are.
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value)) return value;
  const magnitude = Math.ceil(Math.log10(Math.abs(value)));
  const isSubnormal = Math.abs(value) < smallestNormal;
  for (let digits = isSubnormal ? 1 : safeDigits + 1; digits < lastDigits; digits += 1) {
    const rounded = roundedTo(value, digits, magnitude);
    if (Math.fround(rounded) !== value) continue;
    const shorter = digits === safeDigits + 1 && !isSubnormal ? roundedTo(value, safeDigits, magnitude) : rounded;
    return Math.fround(shorter) === value ? shorter : rounded;
  }
  return Number(value.toPrecision(lastDigits));
}

function roundedTo(value: number, digits: number, magnitude: number): number {
  const power = powersOfTen[digits - magnitude];
  return power === undefined ? Number(value.toPrecision(digits)) : Math.round(value * power) / power;
}

/** JSON text of a vector. */
export function float32ListText(vector: Float32Array): string {
  return JSON.stringify(Array.from(vector, shortestFloat32));
}
