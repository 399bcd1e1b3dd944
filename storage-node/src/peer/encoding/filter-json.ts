/** Filters on the wire: JSON in which an integer is written `{"int":"7"}`, so that integers of 64 bits come back as bigints. */
import { z } from 'zod';
import type { Condition, Filter } from '../../model/filter.ts';

const integer = z.strictObject({ int: z.string().regex(/^-?[0-9]{1,20}$/) }).transform(({ int }) => BigInt(int));
const key = z.string();
const matchValue = z.union([z.string(), z.boolean(), integer]);
const bound = z.number().optional();

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('filter'), filter }),
    z.strictObject({ kind: z.literal('has-id'), ids: z.array(z.union([z.string(), integer])) }),
    z.strictObject({ kind: z.literal('is-empty'), key }),
    z.strictObject({ kind: z.literal('is-null'), key }),
    z.strictObject({ kind: z.literal('match-value'), key, value: matchValue }),
    z.strictObject({ kind: z.literal('match-any'), key, values: z.array(matchValue) }),
    z.strictObject({ kind: z.literal('match-except'), key, values: z.array(matchValue) }),
    z.strictObject({ kind: z.literal('range'), key, range: z.strictObject({ lt: bound, gt: bound, lte: bound, gte: bound }) }),
  ]),
);
const conditions = z.array(condition);
const filter: z.ZodType<Filter> = z.strictObject({ must: conditions, mustNot: conditions, should: conditions });

export function encodeFilter(value: Filter): Buffer {
  return Buffer.from(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? { int: item.toString() } : item)));
}

/** Throws SyntaxError or ZodError when the bytes are no filter. */
export function decodeFilter(bytes: Uint8Array): Filter {
  return filter.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')));
}
