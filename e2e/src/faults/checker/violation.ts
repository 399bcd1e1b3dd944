export type ViolationKind =
  | 'an acknowledged write is lost or undone'
  | 'a deleted point came back'
  | 'a value that nobody wrote'
  | 'a linearizable read is stale'
  | 'linearizable reads went back'
  | 'a register has no order that explains it'
  | 'a session does not see its own write'
  | 'a session went back'
  | 'a default read is too stale'
  | 'a default read does not see a write with wait=true'
  | 'a batch took effect in part'
  | 'replicas differ';

export interface Violation {
  readonly kind: ViolationKind;
  /** On the harness's clock. */
  readonly atMs: number;
  readonly ids: readonly number[];
  /** What happened, in order, a line each. */
  readonly story: readonly string[];
}
