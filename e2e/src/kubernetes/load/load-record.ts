/** What the clients of a load saw, as their Pod tells it when it ends. */
import { z } from 'zod';

const failure = z.object({ phase: z.string(), request: z.string(), tookMs: z.number(), text: z.string() });

/** Of answered requests; 0 where there were none. */
const seen = z.object({ answered: z.number(), failed: z.number(), p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() });

const phase = z.object({ name: z.string(), seconds: z.number(), writes: seen, reads: seen });

const loadRecord = z.object({
  phases: z.array(phase),
  /** The first ones. */
  failures: z.array(failure),
  acknowledged: z.number(),
  /** Acknowledged points that are not there, or not as they were written. */
  lost: z.array(z.number()),
});

export type Seen = z.infer<typeof seen>;
export type LoadPhase = z.infer<typeof phase>;
export type LoadFailure = z.infer<typeof failure>;
export type LoadRecord = z.infer<typeof loadRecord>;

export function parseLoadRecord(text: string): LoadRecord {
  return loadRecord.parse(JSON.parse(text));
}
