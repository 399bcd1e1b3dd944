/** Invariants I1, I2, I3, I9 and I21 of replication, as far as one write of a VectorShard can break them. */
import type { VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';

/** Throws when a change by the operator breaks one. */
export function assertOperatorMay(before: VectorShardStatus | undefined, after: VectorShardStatus): void {
  assertLawful(before, after);
  const [was, is] = [before ?? {}, after];
  const isSameEpoch = (was.epoch ?? 0) === (is.epoch ?? 0);
  if (isSameEpoch && was.inSync !== undefined && !sameSet(was.inSync, is.inSync ?? []))
    broken('I2', 'the operator changed inSync in an epoch', was, is);
  const gone = (was.members ?? []).filter((member) => !(is.members ?? []).some(({ replicaId }) => replicaId === member.replicaId));
  if (gone.some(({ replicaId }) => (was.inSync ?? []).includes(replicaId))) broken('I23', 'a copy in sync was taken out', was, is);
}

/** Throws when a change by anybody breaks one. */
export function assertLawful(before: VectorShardStatus | undefined, after: VectorShardStatus): void {
  const [was, is] = [before ?? {}, after];
  const [epochWas, epochIs] = [was.epoch ?? 0, is.epoch ?? 0];
  const { inSync = [], members = [], primary } = is;
  if (epochIs < epochWas || epochIs > epochWas + 1) broken('I1', 'epochs grow by one', was, is);
  if (epochIs === epochWas && was.primary !== primary) broken('I2', 'the primary changed within an epoch', was, is);
  if (epochIs > epochWas && epochWas > 0 && !(was.inSync ?? []).includes(primary ?? ''))
    broken('I3', 'the primary was not in sync', was, is);
  if (epochIs > 0 && (primary === undefined || !inSync.includes(primary))) broken('I9', 'inSync lacks the primary', was, is);
  const changed = [...inSync.filter((id) => !(was.inSync ?? []).includes(id)), ...(was.inSync ?? []).filter((id) => !inSync.includes(id))];
  if (epochWas > 0 && changed.length > 1) broken('I9', 'inSync changed by more than one', was, is);
  if (is.handOff !== undefined && is.handOff.epoch !== epochIs) broken('hand-over', 'it was asked in another epoch', was, is);
  const learners = members.filter(({ kind }) => kind === 'Learner').map(({ replicaId }) => replicaId);
  if (learners.some((id) => inSync.includes(id))) broken('I21', 'a Learner is in sync', was, is);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each));
}

function broken(invariant: string, because: string, was: unknown, is: unknown): never {
  throw new Error(`${invariant}: ${because}\nwas ${JSON.stringify(was)}\nis  ${JSON.stringify(is)}`);
}
