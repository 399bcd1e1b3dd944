/** How large a world is and how its machines are. */
import type { RetentionLimits } from '@vectorcluster/storage-node/replica/retention.ts';
import type { Chance } from './time/chance.ts';

export interface Sizes {
  readonly nodes: readonly string[];
  /** Of each node's clock. */
  readonly rates: readonly number[];
  readonly shards: number;
  readonly copies: number;
  readonly minInSync: number;
  /** Usual milliseconds from one place to another. */
  readonly networkMs: number;
  readonly retention: RetentionLimits;
  readonly keys: number;
}

export function drawSizes(chance: Chance): Sizes {
  const shards = chance.pick([1, 1, 1, 2, 4, 8]);
  const nodes = Array.from({ length: chance.integer(3, 5) }, (_, index) => `shop-data-${index}`);
  return {
    nodes,
    copies: chance.is(0.8) ? 3 : 2,
    shards,
    minInSync: chance.integer(1, 2),
    networkMs: chance.pick([0.2, 1, 5, 40]),
    rates: nodes.map(() => chance.pick([1, 1, 0.95, 1.05, 0.7, 1.4])),
    retention: { bytes: chance.pick([500, 5_000, 50_000]), ms: chance.pick([2_000, 20_000]), transferBytes: 20_000 },
    keys: 2 + shards * chance.pick([1, 3, 6]),
  };
}
