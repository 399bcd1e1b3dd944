/** What is checked in which order, and how fast. */
export interface ScrubbedReplica {
  readonly shard: string;
  readonly replicaId: string;
}

export interface SavedFile extends ScrubbedReplica {
  readonly path: string;
  readonly bytes: number;
}

/** What there is to check, with about how many bytes each takes. */
export interface ScrubWorld {
  readonly logFiles: readonly { readonly name: string; readonly bytes: number }[];
  readonly documents: readonly (ScrubbedReplica & { readonly bytes: number })[];
  readonly savedFiles: readonly SavedFile[];
}

export type ScrubItem =
  | { readonly kind: 'log'; readonly name: string; readonly bytes: number }
  | ({ readonly kind: 'documents'; readonly bytes: number } & ScrubbedReplica)
  | ({ readonly kind: 'saved' } & SavedFile);

export interface ScrubPace {
  /** One pass over everything takes about this long. */
  readonly passMs: number;
  readonly minBytesPerSecond: number;
  readonly maxBytesPerSecond: number;
}

export const defaultPace: ScrubPace = {
  passMs: 24 * 60 * 60 * 1000,
  minBytesPerSecond: 256 * 1024,
  maxBytesPerSecond: 32 * 1024 * 1024,
};

/**
 * All there is, once, beginning at a part `from` (0 to 1) of the way: a node that restarts often comes round to everything all the same.
 */
export function planPass(world: ScrubWorld, from: number): readonly ScrubItem[] {
  const items: readonly ScrubItem[] = [
    ...world.logFiles.map((file) => ({ kind: 'log' as const, ...file })),
    ...world.documents.map((replica) => ({ kind: 'documents' as const, ...replica })),
    ...world.savedFiles.map((file) => ({ kind: 'saved' as const, ...file })),
  ];
  const total = bytesOf(items);
  let passed = 0;
  const begin = items.findIndex(({ bytes }) => {
    passed += bytes;
    return passed > from * total;
  });
  return begin === -1 ? items : [...items.slice(begin), ...items.slice(0, begin)];
}

export function bytesOf(items: readonly ScrubItem[]): number {
  return items.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function bytesPerSecond(totalBytes: number, { passMs, minBytesPerSecond, maxBytesPerSecond }: ScrubPace): number {
  return Math.min(maxBytesPerSecond, Math.max(minBytesPerSecond, (totalBytes * 1000) / passMs));
}

/** How long to rest after a step, which took time itself. */
export function restMs(step: { readonly bytes: number; readonly tookMs: number }, rate: number): number {
  return Math.max(0, (step.bytes * 1000) / rate - step.tookMs);
}

/** How long to wait for the next pass. */
export function untilNextPassMs(pass: { readonly tookMs: number }, { passMs }: ScrubPace): number {
  return Math.max(0, passMs - pass.tookMs);
}
