/** A collection into shards: how many, with which hash ranges, on which nodes. */
import { shardObjectName } from '@vectorcluster/crds/names.ts';
import { collectionRefusals, shardsChanged, shardsLost } from './collection-refusals.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { hashRange, partOfSpace } from './hash-range.ts';
import { listed } from './listed.ts';
import type { ObservedCollection, ObservedDataNode, ObservedHome } from './observed-collection.ts';
import { placeCopies } from './placement/place-copies.ts';
import { reconcilingFindings } from './plan-nodes.ts';
import type { CollectionStep, Plan } from './step.ts';

export interface CollectionPlan extends Plan<CollectionStep> {
  readonly shards: { readonly total: number; readonly ready: number };
  /** ready/wanted, for people. */
  readonly shardsReady: string;
}

export function planCollection(observed: ObservedCollection): CollectionPlan {
  const { cluster: home, spec } = observed;
  if (home === undefined) {
    const because = `there is no VectorCluster ${spec.clusterName} in this namespace; make one, or delete the collection`;
    return conclude(observed, [{ kind: 'wait', object: spec.clusterName, because }], [], 0);
  }
  const adopt: readonly CollectionStep[] = home.isAdopted
    ? []
    : [{ kind: 'adopt-collection', object: observed.name, because: `it belongs to VectorCluster ${spec.clusterName}` }];
  const refused = collectionRefusals(observed, home);
  const cut = cutOf(observed, home);
  const missing = missingShards(observed, cut.shards);
  if (refused.length > 0) return conclude(observed, adopt, refused, cut.shards);
  if (observed.shardsSeen >= cut.shards && missing.length > 0) {
    return conclude(observed, adopt, [...cut.stalled, shardsLost(missing.map(({ name }) => name))], cut.shards);
  }
  return conclude(observed, [...adopt, ...shardSteps(missing, home)], cut.stalled, cut.shards);
}

/** Shards that exist decide; the spec counts only while there are none. */
function cutOf(
  { shards, spec }: ObservedCollection,
  home: ObservedHome,
): { readonly shards: number; readonly stalled: readonly Finding[] } {
  const wanted = spec.shards ?? home.defaults.shards;
  const [first] = shards;
  const actual = first && partOfSpace(first.hashRange)?.shards;
  if (actual === undefined) return { shards: wanted, stalled: [] };
  return { shards: actual, stalled: spec.shards !== undefined && spec.shards !== actual ? [shardsChanged(spec.shards, actual)] : [] };
}

interface MissingShard {
  readonly name: string;
  readonly index: number;
  readonly of: number;
}

function missingShards({ name, uid, shards }: ObservedCollection, count: number): readonly MissingShard[] {
  const existing = new Set(shards.map((shard) => shard.name));
  return Array.from({ length: count }, (_, index) => ({ name: shardObjectName(name, uid, index), index, of: count })).filter(
    (shard) => !existing.has(shard.name),
  );
}

function shardSteps(missing: readonly MissingShard[], home: ObservedHome): readonly CollectionStep[] {
  if (missing.length === 0) return [];
  const unavailable = waitForNodes(home);
  if (unavailable !== undefined) return [unavailable];
  const nodes = home.nodes.filter(({ state }) => state === 'ready').map(({ name, zone, copies }) => ({ name, zone, load: copies }));
  const placement = placeCopies({ nodes, shards: missing.map(({ name }) => name), copies: 1 });
  return missing.map(({ name, index, of }) => {
    const chosen = placement.get(name) ?? [];
    const zones = chosen.map((node) => nodes.find((each) => each.name === node)?.zone ?? '');
    return {
      kind: 'create-shard',
      object: name,
      hashRange: hashRange(index, of),
      assignments: chosen.map((node) => ({ node, kind: 'Voter' as const })),
      because: `shard ${index + 1} of ${of} is missing; ${chosen.join(', ')} in ${zones.join(', ')} holds the fewest copies`,
    };
  });
}

/** Shards stay where they are placed, so placing waits for nodes that are on their way; but not for those that are down. */
function waitForNodes({ nodes, nodesWanted, isStalled }: ObservedHome): CollectionStep | undefined {
  const named = (state: ObservedDataNode['state']) => nodes.filter((node) => node.state === state).map(({ name }) => name);
  const [starting] = named('starting');
  const mayGoOn = isStalled && named('ready').length > 0;
  if (starting !== undefined && !mayGoOn)
    return { kind: 'wait', object: starting, because: `${starting} is starting and will hold shards too` };
  if (nodes.length < nodesWanted && !isStalled) {
    return {
      kind: 'wait',
      object: 'nodes',
      because: `${nodes.length} of ${nodesWanted} Data nodes exist, and the others will hold shards too`,
    };
  }
  if (named('ready').length > 0) return undefined;
  return {
    kind: 'wait',
    object: 'nodes',
    because: nodes.length === 0 ? 'there is no Data node' : `no Data node is Ready: ${listed(named('down'))}`,
  };
}

function conclude(
  { shards, shardsSeen }: ObservedCollection,
  steps: readonly CollectionStep[],
  stalled: readonly Finding[],
  wanted: number,
): CollectionPlan {
  const ready = shards.filter(({ isReady }) => isReady).length;
  const total = Math.max(wanted, shards.length);
  const isReady = total > 0 && ready === total;
  const waiting = steps.find(({ kind }) => kind === 'wait');
  const unready = shards.find((shard) => !shard.isReady);
  const why = [stalled[0]?.message, waiting?.because, unready && `${unready.name}: ${unready.notReadyBecause}`].find(
    (reason) => reason !== undefined,
  );
  const underWay: readonly Finding[] = [
    ...reconcilingFindings(steps),
    ...shards
      .filter((shard) => !shard.isReady)
      .map(({ name, notReadyBecause }) => ({ reason: 'ShardNotReady', message: `${name}: ${notReadyBecause}`, isWaiting: true })),
  ];
  return {
    steps,
    shards: { total: Math.max(shardsSeen, shards.length), ready },
    shardsReady: `${ready}/${total}`,
    conditions: conditionsOf({
      ready: isReady
        ? { isReady, reason: 'AllShardsReady', message: `${ready} of ${total} shards serve` }
        : { isReady, reason: 'ShardsNotReady', message: `${ready} of ${total} shards serve; ${why ?? 'the others are being made: wait'}` },
      reconciling: underWay,
      stalled,
    }),
  };
}
