/**
 * The primary of one shard as step(state, event) → [state, effects]. A runner carries the effects out in order and brings back what
 * came of them as events; nothing here waits, asks the time or touches a disk.
 *
 * Commit rule: a sequence is committed when every replica that may be in force holds it durably, and never before |inSync| ≥ minInSync.
 * What an older epoch left is committed together with the first entry of this epoch; a primary that is alone in its set need not wait
 * for one, since nobody else can hold anything different.
 */
import assert from 'node:assert/strict';

export interface Primary {
  readonly replica: string;
  readonly epoch: bigint;
  /** First sequence that this epoch may propose. */
  readonly firstOfEpoch: bigint;
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
  /** This replica's own log is durable up to here. */
  | { readonly kind: 'persisted'; readonly upTo: bigint }
  | { readonly kind: 'acknowledged'; readonly replica: string; readonly epoch: bigint; readonly upTo: bigint }
  /** The operator confirmed this replica in a higher epoch, and that is on its disk. */
  | { readonly kind: 'epoch-adopted'; readonly epoch: bigint }
  | { readonly kind: 'epoch-seen'; readonly epoch: bigint };

export type PrimaryEffect =
  /** Append these sequences, both ends included, to the log under `epoch`; answer with `persisted`. */
  | { readonly kind: 'persist'; readonly epoch: bigint; readonly first: bigint; readonly last: bigint }
  /** Apply up to this sequence, then answer the writes that it covers. */
  | { readonly kind: 'commit'; readonly upTo: bigint }
  /** Another primary is in force: order nothing more. */
  | { readonly kind: 'step-down'; readonly newerEpoch: bigint };

/** A primary that has just adopted `epoch`, with its log durable up to `logged` and applied up to `committed`. */
export function newPrimary(start: {
  readonly replica: string;
  readonly epoch: bigint;
  readonly inSync: readonly string[];
  readonly minInSync: number;
  readonly logged: bigint;
  readonly committed: bigint;
}): Primary {
  const { replica, epoch, inSync, minInSync, logged, committed } = start;
  assert(inSync.includes(replica), 'a primary is in its own in-sync set');
  assert(committed <= logged, 'nothing is committed that is not logged');
  const durable = new Map([[replica, logged]]);
  return { replica, epoch, firstOfEpoch: logged + 1n, inSync, minInSync, proposed: logged, durable, committed };
}

export function step(primary: Primary, event: PrimaryEvent): readonly [Primary, readonly PrimaryEffect[]] {
  switch (event.kind) {
    case 'proposed': {
      assert(event.entries > 0, 'a proposal has entries');
      const proposed = primary.proposed + BigInt(event.entries);
      const persist = { kind: 'persist', epoch: primary.epoch, first: primary.proposed + 1n, last: proposed } as const;
      return [{ ...primary, proposed }, [persist]];
    }
    case 'persisted':
      return acknowledge(primary, primary.replica, event.upTo);
    case 'acknowledged':
      if (event.epoch > primary.epoch) return [primary, [{ kind: 'step-down', newerEpoch: event.epoch }]];
      if (event.epoch < primary.epoch) return [primary, []];
      return acknowledge(primary, event.replica, event.upTo);
    case 'epoch-adopted':
      assert(event.epoch > primary.epoch, 'epochs grow');
      return [{ ...primary, epoch: event.epoch, firstOfEpoch: primary.proposed + 1n }, []];
    case 'epoch-seen':
      return [primary, event.epoch > primary.epoch ? [{ kind: 'step-down', newerEpoch: event.epoch }] : []];
  }
}

function acknowledge(primary: Primary, replica: string, upTo: bigint): readonly [Primary, readonly PrimaryEffect[]] {
  assert(upTo <= primary.proposed, 'no replica holds what was never proposed');
  const before = primary.durable.get(replica) ?? 0n;
  if (upTo <= before) return [primary, []];
  const next = { ...primary, durable: new Map(primary.durable).set(replica, upTo) };
  const committed = committable(next);
  return committed > primary.committed ? [{ ...next, committed }, [{ kind: 'commit', upTo: committed }]] : [next, []];
}

/** The one place that says how many copies a commit needs. */
function committable({ inSync, minInSync, durable, firstOfEpoch, committed }: Primary): bigint {
  if (inSync.length < minInSync) return committed;
  const held = inSync.map((replica) => durable.get(replica) ?? 0n);
  const heldByAll = held.reduce((least, each) => (each < least ? each : least));
  return heldByAll >= firstOfEpoch || inSync.length === 1 ? heldByAll : committed;
}
