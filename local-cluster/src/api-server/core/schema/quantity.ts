/** Kubernetes resource quantities, exact: 1.5Gi, 100m, 1e3. Kept as thousandths of thousandths of thousandths (nano). */
const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?$/;
const nano = 1_000_000_000n;

const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const decimalExponent: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

export class Quantity {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  static parse(text: string): Quantity | undefined {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [, sign, number = '', suffix = ''] = match;
    const [whole = '', fraction = ''] = number.split('.');
    const digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
    const factor = binary[suffix];
    if (factor !== undefined) return new Quantity(roundUp(digits * factor * nano, 10n ** BigInt(fraction.length)));
    const exponent = (/^[eE]/.test(suffix) ? Number(suffix.slice(1)) : (decimalExponent[suffix] ?? 0)) - fraction.length + 9;
    if (Math.abs(exponent) > 400) return undefined;
    return new Quantity(exponent >= 0 ? digits * 10n ** BigInt(exponent) : roundUp(digits, 10n ** BigInt(-exponent)));
  }

  compareTo(other: Quantity): bigint {
    if (this.nanos === other.nanos) return 0n;
    return this.nanos < other.nanos ? -1n : 1n;
  }

  /** Undefined when it is not a whole number. */
  toInteger(): bigint | undefined {
    return this.nanos % nano === 0n ? this.nanos / nano : undefined;
  }

  toNumber(): number {
    return Number(this.nanos) / Number(nano);
  }
}

function roundUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}
