import { isDeepStrictEqual } from 'node:util';
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import { NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { Observation } from '../peer/peer-connections.ts';
import type { CollectionRoute } from '../topology/topology.ts';
import { requestBackoff } from './request-backoff.ts';
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
  const bystanders = [...coordination.topology.current().nodes.values()].filter(({ name }) => !needed.has(name));
  await Promise.all([
    serving && servedWherever(coordination, observation, serving, signal),
    ...bystanders.map(({ name, address }) => seenByBystander(coordination, addressFrom(coordination, name, address), observation, signal)),
  ]);
}

/** Primaries may move meanwhile: a node that does not lead any more, or is gone, will never say that it serves. */
async function servedWherever(
  coordination: Coordination,
  observation: Observation,
  serving: CollectionRoute,
  signal: AbortSignal,
): Promise<void> {
  const { topology } = coordination;
  const routeNow = () => topology.current().collections.get(serving.name);
  for (let route = routeNow(); route?.uid === serving.uid; route = routeNow()) {
    const leaders = leadersOf(route);
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const moved = topology.until(() => !isDeepStrictEqual(leadersOf(routeNow()), leaders), either).then(() => 'moved' as const);
    const nodes = new Map(leaders.map(({ node, address }) => [node, address]));
    const served = Promise.all(
      Array.from(nodes, ([name, address]) => seenAt(coordination, addressFrom(coordination, name, address), observation, either)),
    ).then(() => 'served' as const);
    try {
      if ((await Promise.race([served, moved])) === 'served') return;
    } finally {
      void Promise.allSettled([served, moved]); // the slower one rejects now, and nobody waits for it
      over.abort();
    }
  }
}

function leadersOf(route: CollectionRoute | undefined) {
  return (route?.shards ?? []).flatMap(({ uid, epoch, primary }) => {
    return primary?.address === undefined ? [] : [{ uid, epoch, node: primary.node, address: primary.address }];
  });
}

/** Undefined for this node, which asks itself. */
function addressFrom({ node }: Coordination, name: string, address: string): string | undefined {
  return name === node ? undefined : address;
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
      await coordination.sleep(backoffDelayMs(requestBackoff, tries + 1, coordination.random), signal);
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
