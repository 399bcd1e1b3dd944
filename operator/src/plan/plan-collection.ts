/** A collection into shards: how many, with which hash ranges, on which nodes. */
import { collectionRefusals, shardsChanged, shardsLost } from './collection-refusals.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { copiesWanted } from './copies-wanted.ts';
import { copiesLeaving } from './copies-leaving.ts';
import { replicationCondition, tooFewForWrites, tooFewNodes } from './copies-missing.ts';
import { partOfSpace } from './hash-range.ts';
import { missingShards, shardSteps } from './new-shards.ts';
import type { ObservedCollection, ObservedHome } from './observed-collection.ts';
import { reconcilingFindings } from './plan-nodes.ts';
import type { CollectionStep, Plan } from './step.ts';

/** Points are counted anew this often; nobody is woken for each of them. */
const countEveryMs = 60_000;

export interface CollectionPlan extends Plan<CollectionStep> {
  readonly shards: { readonly total: number; readonly ready: number };
  /** Voting copies of all shards. */
  readonly copies: { readonly wanted: number; readonly inSync: number };
  /** Of all primaries; undefined while one of them does not report. */
  readonly points: number | undefined;
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
  const refused = [...collectionRefusals(observed), ...(observed.shards.length === 0 ? tooFewForWrites(observed, home) : [])];
  const cut = cutOf(observed, home);
  const missing = missingShards(observed, cut.shards);
  if (refused.length > 0) return conclude(observed, adopt, refused, cut.shards);
  if (observed.shardsSeen >= cut.shards && missing.length > 0) {
    return conclude(observed, adopt, [...cut.stalled, shardsLost(missing.map(({ name }) => name))], cut.shards);
  }
  return conclude(observed, [...adopt, ...shardSteps(missing, observed, home)], cut.stalled, cut.shards);
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

function conclude(
  observed: ObservedCollection,
  steps: readonly CollectionStep[],
  stalled: readonly Finding[],
  wanted: number,
): CollectionPlan {
  const { shards, shardsSeen, cluster } = observed;
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
  const replication = cluster && replicationCondition(observed, cluster, total);
  // What can be served is served first: a client's create call waits for that, and takes Stalled for a refusal.
  const lack = isReady && replication?.status === 'False' ? [{ ...replication, isWaiting: true }] : [];
  const leaving = cluster && isReady ? copiesLeaving(observed, cluster) : [];
  return {
    steps,
    shards: { total: Math.max(shardsSeen, shards.length), ready },
    shardsReady: `${ready}/${total}`,
    copies: {
      wanted: cluster === undefined ? 0 : total * copiesWanted(observed.spec, cluster.defaults).replicationFactor,
      inSync: shards.reduce((sum, { inSync }) => sum + inSync, 0),
    },
    points: shards.reduce<number | undefined>(
      (sum, { points }) => (sum === undefined || points === undefined ? undefined : sum + points),
      0,
    ),
    recheckAfterMs: shards.length > 0 ? countEveryMs : undefined,
    conditions: [
      ...conditionsOf({
        ready: isReady
          ? { isReady, reason: 'AllShardsReady', message: `${ready} of ${total} shards serve` }
          : {
              isReady,
              reason: 'ShardsNotReady',
              message: `${ready} of ${total} shards serve; ${why ?? 'the others are being made: wait'}`,
            },
        reconciling: [...underWay, ...lack.filter(({ reason }) => reason !== tooFewNodes), ...leaving],
        stalled: [...stalled, ...lack.filter(({ reason }) => reason === tooFewNodes)],
      }),
      ...(replication === undefined ? [] : [replication]),
    ],
  };
}
