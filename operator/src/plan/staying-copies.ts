import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';

/** A copy whose replacement is not assigned any more stays after all. */
export function isMoving({ replacedBy }: Assignment, assignments: readonly Assignment[]): boolean {
  return replacedBy !== undefined && assignments.some(({ node }) => node === replacedBy);
}

/** Copies that count among those that are wanted: one that is on its way to another node counts there. */
export function stayingCopies(assignments: readonly Assignment[], kind: Assignment['kind']): readonly string[] {
  return assignments.filter((each) => each.kind === kind && !isMoving(each, assignments)).map(({ node }) => node);
}

export function movesOf(assignments: readonly Assignment[]): readonly { readonly from: string; readonly to: string }[] {
  return assignments.flatMap((each) =>
    each.replacedBy !== undefined && isMoving(each, assignments) ? [{ from: each.node, to: each.replacedBy }] : [],
  );
}
