/**
 * The primary of one shard as step(state, event) → [state, effects]. A runner carries the effects out in order and brings back what
 * came of them as events; nothing here waits, asks the time or touches a disk.
 *
 * Commit rule: a sequence is committed when every replica that may be in force holds it durably, and never before |inSync| ≥ minInSync.
 * An entry of an older epoch is committed only together with one of this epoch or by the primary's having inherited it complete: with
 * one copy the inherited log is the truth as it stands.
 */
import assert from 'node:assert/strict';

export interface Primary {
  readonly replica: string;
  readonly epoch: bigint;
  /** Replicas whose durable copy is waited for; holds this one. */
  readonly inSync: readonly string[];
  readonly minInSync: number;
  /** Highest sequence handed to the log. */
  readonly proposed: bigint;
  /** Highest sequence each replica holds durably, by replica id. */
  readonly durable: ReadonlyMap<string, bigint>;
  readonly committed: bigint;
}

export type PrimaryEvent =
  | { readonly kind: 'proposed'; readonly entries: number }
  | { readonly kind: 'persisted'; readonly upTo: bigint }
  | { readonly kind: 'acknowledged'; readonly replica: string; readonly epoch: bigint; readonly upTo: bigint }
  | { readonly kind: 'epoch-seen'; readonly epoch: bigint };

export type PrimaryEffect =
  /** Append these sequences to the log, both ends included; answer with `persisted`. */
  | { readonly kind: 'persist'; readonly first: bigint; readonly last: bigint }
  /** Apply up to this sequence, then answer the writes that it covers. */
  | { readonly kind: 'commit'; readonly upTo: bigint }
  /** Another primary is in force: order nothing more. */
  | { readonly kind: 'step-down'; readonly newerEpoch: bigint };

/** A primary that has just adopted `epoch`, with its log durable up to `logged`. */
export function newPrimary(start: {
  replica: string;
  epoch: bigint;
  inSync: readonly string[];
  minInSync: number;
  logged: bigint;
}): Primary {
  const { replica, epoch, inSync, minInSync, logged } = start;
  assert(inSync.includes(replica), 'a primary is in its own in-sync set');
  const durable = new Map([[replica, logged]]);
  return { replica, epoch, inSync, minInSync, proposed: logged, durable, committed: inSync.length === 1 ? logged : 0n };
}

export function step(primary: Primary, event: PrimaryEvent): readonly [Primary, readonly PrimaryEffect[]] {
  switch (event.kind) {
    case 'proposed': {
      assert(event.entries > 0, 'a proposal has entries');
      const proposed = primary.proposed + BigInt(event.entries);
      return [{ ...primary, proposed }, [{ kind: 'persist', first: primary.proposed + 1n, last: proposed }]];
    }
    case 'persisted':
      return acknowledge(primary, primary.replica, event.upTo);
    case 'acknowledged':
      if (event.epoch > primary.epoch) return [primary, [{ kind: 'step-down', newerEpoch: event.epoch }]];
      if (event.epoch < primary.epoch) return [primary, []];
      return acknowledge(primary, event.replica, event.upTo);
    case 'epoch-seen':
      return [primary, event.epoch > primary.epoch ? [{ kind: 'step-down', newerEpoch: event.epoch }] : []];
  }
}

function acknowledge(primary: Primary, replica: string, upTo: bigint): readonly [Primary, readonly PrimaryEffect[]] {
  assert(upTo <= primary.proposed, 'no replica holds what was never proposed');
  const before = primary.durable.get(replica) ?? 0n;
  if (upTo <= before) return [primary, []];
  const durable = new Map(primary.durable).set(replica, upTo);
  const committed = sequenceHeldByAll(primary.inSync, durable);
  if (committed <= primary.committed || primary.inSync.length < primary.minInSync) return [{ ...primary, durable }, []];
  return [{ ...primary, durable, committed }, [{ kind: 'commit', upTo: committed }]];
}

/** The one place that says how many copies a commit needs. */
function sequenceHeldByAll(replicas: readonly string[], durable: ReadonlyMap<string, bigint>): bigint {
  let least: bigint | undefined;
  for (const replica of replicas) {
    const held = durable.get(replica) ?? 0n;
    if (least === undefined || held < least) least = held;
  }
  return least ?? 0n;
}
