/** Which copy of a shard a request goes to. */
import type { ShardReplica, ShardRoute } from '../topology/topology.ts';

/** Writes go to the primary alone; reads by what they must reflect. What is linearizable takes a word of the primary, wherever it is read. */
export type Purpose = 'write' | 'eventual' | 'recent' | 'bounded' | 'session' | 'linearizable';

/** A copy whose node has an address. */
export interface Candidate extends ShardReplica {
  readonly address: string;
}

export interface CandidateLoad {
  /** It, or its node, has just failed. */
  readonly isAvoided: boolean;
  /** What is under way there times how long it takes; only compared. */
  readonly cost: number;
}

export interface Preference {
  /** Where the request came in. */
  readonly node: string;
  readonly zone: string;
  readonly loadOf: (replica: Candidate) => CandidateLoad;
  /**
   * In [0, 1), one for all shards of a request: shards that live on the same nodes then go to the same one, and those of one node travel
   * in one call.
   */
  readonly draw: number;
}

/** Copies that may answer a request that came in at `node`. One whose Pod is being deleted only while there is no other. */
export function candidatesFor(purpose: Purpose, { replicas }: ShardRoute, node: string): readonly Candidate[] {
  const candidates = replicas.filter(isReachable).filter((replica) => rules[purpose](replica, node));
  const staying = candidates.filter(({ isLeaving }) => !isLeaving);
  return staying.length > 0 ? staying : candidates;
}

/** Those that `candidatesFor` left out because their Pods are being deleted: asked when all others have failed. */
export function leftOut(
  purpose: Purpose,
  { replicas }: ShardRoute,
  { node, candidates }: { readonly node: string; readonly candidates: readonly Candidate[] },
): readonly Candidate[] {
  return replicas.filter(isReachable).filter((replica) => rules[purpose](replica, node) && !candidates.includes(replica));
}

const onlyPrimary = ({ isPrimary }: ShardReplica): boolean => isPrimary;
const inSync = (replica: ShardReplica): boolean => replica.inSync;
/** Its question to the other copies costs less than a call. */
const primaryOrHere = (replica: ShardReplica, node: string): boolean => replica.isPrimary || (replica.inSync && replica.node === node);
const inSyncOrReader = (replica: ShardReplica): boolean => replica.inSync || replica.isReader;

const rules: Readonly<Record<Purpose, (replica: ShardReplica, node: string) => boolean>> = {
  write: onlyPrimary,
  linearizable: primaryOrHere,
  recent: inSync,
  session: inSync,
  bounded: inSyncOrReader,
  eventual: inSyncOrReader,
};

/** One that has not just failed, here, else in the same zone; of two drawn among equals the less loaded. Undefined of none. */
export function chooseReplica(candidates: readonly Candidate[], preference: Preference): Candidate | undefined {
  const ranked = candidates.map((replica) => ({ replica, rank: rankOf(replica, preference) }));
  const best = Math.min(...ranked.map(({ rank }) => rank));
  const equals = ranked.filter(({ rank }) => rank === best).map(({ replica }) => replica);
  return lessLoadedOfTwo(equals, preference);
}

function rankOf(replica: Candidate, { node, zone, loadOf }: Preference): number {
  const avoided = loadOf(replica).isAvoided ? 3 : 0;
  if (replica.node === node) return avoided;
  return avoided + (zone !== '' && replica.zone === zone ? 1 : 2);
}

function lessLoadedOfTwo(equals: readonly Candidate[], { draw, loadOf }: Preference): Candidate | undefined {
  const place = draw * equals.length;
  const first = equals[Math.floor(place)];
  if (first === undefined || equals.length === 1) return first;
  const others = equals.filter((replica) => replica !== first);
  const second = others[Math.floor((place % 1) * others.length)] ?? first;
  return loadOf(second).cost < loadOf(first).cost ? second : first;
}

function isReachable(replica: ShardReplica): replica is Candidate {
  return replica.address !== undefined;
}
