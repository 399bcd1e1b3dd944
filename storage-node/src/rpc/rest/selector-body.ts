/** `with_payload` and `with_vector`. */
import { z } from 'zod';
import type { PayloadSelector, VectorSelector } from '../../model/point.ts';

const keys = z.array(z.string().min(1));

/** A list of keys is short for `include`. */
export const payloadSelector: z.ZodType<PayloadSelector> = z.union([
  z.boolean(),
  keys.transform((include) => ({ include })),
  z.strictObject({ include: keys }),
  z.strictObject({ exclude: keys }),
]);

export const vectorSelector: z.ZodType<VectorSelector> = z.union([z.boolean(), z.array(z.string())]);
