import { NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { Observation } from '../peer/peer-connections.ts';
import type { CollectionRoute } from '../topology/topology.ts';
import { delayMs, requestBackoff } from './backoff.ts';
import type { Coordination } from './coordination.ts';

/** How long nodes that hold nothing of the collection are waited for: one that hangs must not hold up the others. */
const bystanderMs = 1_000;

/**
 * Resolves when every node shows what this one has seen, so that a client whose next request reaches another node finds it there too.
 * Nodes that hold a primary of `serving` must; others are left out when they cannot be reached.
 */
export async function seenEverywhere(
  coordination: Coordination,
  observation: Observation,
  serving: CollectionRoute | undefined,
  signal: AbortSignal,
): Promise<void> {
  const needed = new Set(serving?.shards.map(({ primary }) => primary?.node));
  const nodes = [...coordination.topology.current().nodes.values()];
  await Promise.all(
    nodes.map(async ({ name, address }) => {
      const at = name === coordination.node ? undefined : address;
      if (needed.has(name)) await seenAt(coordination, at, observation, signal);
      else await seenByBystander(coordination, at, observation, signal);
    }),
  );
}

async function seenAt(
  coordination: Coordination,
  address: string | undefined,
  observation: Observation,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await coordination.observe(address, observation, signal);
      return;
    } catch (error) {
      if (!(error instanceof ShardUnavailableError || error instanceof NotPrimaryError)) throw error;
      await coordination.sleep(delayMs(tries, coordination.random(), requestBackoff), signal);
    }
  }
}

async function seenByBystander(
  coordination: Coordination,
  address: string | undefined,
  observation: Observation,
  signal: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(bystanderMs)]);
  try {
    await coordination.observe(address, observation, patience);
  } catch (error) {
    signal.throwIfAborted();
    if (!patience.aborted && !(error instanceof ShardUnavailableError)) throw error;
  }
}
