/**
 * Copies go where there are fewer, so many at once as the cluster allows, and only while it is at rest: after nodes were added, after one
 * that was lost is back with nothing, after a zone was added. Moves under way count as done, so what is left is seen at every step.
 */
import type { CopyLedger } from './copy-ledger.ts';
import { beginMove } from './move-copy.ts';
import type { ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { movesToEvenOut, type Move, type PlacedNode, type PlacedShard } from './placement/even-out.ts';
import { isMoving, stayingCopies } from './staying-copies.ts';
import type { CopiesStep } from './step.ts';

/** Where shards have fewer on average, which of them has more is not worth a move. */
const pointsWorthMoving = 10_000;

/** Nobody needs to know of more. */
export const movesCounted = 1000;

export function rebalanceCopies(observed: ObservedCopies, ledger: CopyLedger): readonly CopiesStep[] {
  const { shards, isAtRest, leaving, rebalance } = observed;
  if (!isAtRest || rebalance.mode === 'Off' || leaving.length > 0 || !shards.every(isWhole)) return [];
  const moving = shards.filter(({ assignments }) => assignments.some((copy) => isMoving(copy, assignments)));
  const mayBegin = Math.min(rebalance.copiesAtOnce - moving.length, ledger.left);
  if (mayBegin <= 0) return [];
  const nodes = observed.nodes.filter(
    ({ role, isReady, awayMs, isGoing }) => role === 'Data' && isReady && awayMs === undefined && !isGoing,
  );
  const all = movesAhead(nodes, shards);
  const begun = new Set<string>();
  return all.slice(0, mayBegin).flatMap((move, index) => {
    const shard = shards.find(({ name }) => name === move.shard);
    if (shard === undefined || moving.includes(shard) || begun.has(move.shard)) return [];
    begun.add(move.shard);
    return begin(shard, ledger, { move, left: all.length - index - 1 });
  });
}

export function movesAhead(nodes: readonly PlacedNode[], shards: readonly ObservedCopiesOfShard[]): readonly Move[] {
  const points = shards.map((shard) => shard.points ?? 0);
  const mean = Math.max(pointsWorthMoving, points.reduce((sum, each) => sum + each, 0) / Math.max(1, shards.length));
  const placed = shards.map((shard, at): PlacedShard => ({
    name: shard.name,
    nodes: stayingCopies(shard.assignments, 'Voter'),
    primary: shard.primary?.node,
    // Half by number, because each costs something, half by what is in them.
    weight: 100 + Math.round((100 * (points[at] ?? 0)) / mean),
  }));
  return movesToEvenOut(nodes, placed, movesCounted);
}

function begin(
  shard: ObservedCopiesOfShard,
  ledger: CopyLedger,
  { move, left }: { readonly move: Move; readonly left: number },
): readonly CopiesStep[] {
  const { from, to } = move;
  const copy = shard.assignments.find(({ node }) => node === from);
  if (copy === undefined) return [];
  const before = `${from} holds ${copies(ledger.loadOf(from))} and ${to} ${ledger.loadOf(to)}`;
  ledger.beginOn(to);
  return [beginMove(shard, ledger, { copy, target: to, because: `${before}, and ${left === 0 ? 'no more' : left} will move after it` })];
}

/** Who lacks copies is helped first. */
function isWhole({ epoch, primary, inSync, wanted, isHandingOver }: ObservedCopiesOfShard): boolean {
  return epoch > 0 && primary?.isThere === true && inSync.length >= wanted.replicationFactor && !isHandingOver;
}

function copies(count: number): string {
  return count === 1 ? '1 copy' : `${count} copies`;
}
