/** Quantities of Kubernetes, such as `50Gi` and `500m`. */
const suffixes = new Map([
  ['', 1],
  ['m', 1e-3],
  ...['k', 'M', 'G', 'T', 'P', 'E'].map((suffix, index): [string, number] => [suffix, 1000 ** (index + 1)]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index): [string, number] => [suffix, 1024 ** (index + 1)]),
]);

/** Undefined for what is none. */
export function quantityOf(value: unknown): number | undefined {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)([kMGTPE]i?|Ki|m)?$/.exec(value) : undefined;
  const factor = suffixes.get(match?.[2] ?? '');
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}
