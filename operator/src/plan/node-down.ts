/**
 * Whether a serving node may be taken down as far as its copies are concerned, and what has to happen before: a list of named checks,
 * each of which answers why not. A shard that has one copy on purpose holds nobody up: there is none to wait for.
 */
import { askHandOver } from './ask-hand-over.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { standstillAfterMs } from './standstill.ts';
import type { HandOverStep } from './step.ts';

export type NodeDown =
  | { readonly kind: 'may' }
  | {
      readonly kind: 'refused';
      readonly because: string;
      /** It stays so until a person changes what is asked for. */ readonly needsPerson: boolean;
    }
  /** `steps` are for those of its primaries that are not asked yet. */
  | { readonly kind: 'handing-over'; readonly steps: readonly HandOverStep[]; readonly because: string };

/** What has to be known of the other nodes. */
export interface OtherNodes {
  readonly isDrifted: (node: string) => boolean;
  /** With role Data, as many as there are or are asked for: no shard can have more copies. */
  readonly dataNodes: number;
}

type Refusal = Omit<Extract<NodeDown, { readonly kind: 'refused' }>, 'kind'>;
type Check = (node: string, shard: ObservedCopiesOfShard, dataNodes: number) => Refusal | undefined;

const lastInSync: Check = (node, { name, inSync }, dataNodes) => {
  if (othersInSync(node, inSync) > 0) return undefined;
  const because = `no other copy of ${name} is in sync and there`;
  if (dataNodes > 1) return { because, needsPerson: false };
  return {
    because: `${because}, and there is no other Data node; raise replicas of a Data pool, or lower replicationFactor to 1`,
    needsPerson: true,
  };
};

const belowMinInSync: Check = (node, shard, dataNodes) => {
  const { name, inSync, minInSync, wanted } = shard;
  const left = othersInSync(node, inSync);
  if (left >= minInSync) return undefined;
  const most = Math.min(wanted.replicationFactor, dataNodes);
  const needsPerson = minInSync >= most && wanted.minInSync >= most;
  const more =
    most === wanted.replicationFactor ? 'raise replicationFactor' : `${dataNodes} Data nodes are too few: raise replicas of a Data pool`;
  const remedy = needsPerson ? `; such a shard can never spare a copy: ${more}, or lower minInSync` : '';
  return {
    because: `${name} would have ${left === 1 ? '1 copy' : `${left} copies`} in sync, below minInSync ${minInSync}${remedy}`,
    needsPerson,
  };
};

const catchingUp: Check = (node, { name, beingMade }) => {
  const behind = beingMade.find((copy) => copy.node !== node);
  if (behind === undefined) return undefined;
  const because = `the copy of ${name} on ${behind.node} is not in sync again yet`;
  if (behind.standstillMs < standstillAfterMs) return { because, needsPerson: false };
  const minutes = standstillAfterMs / 60_000;
  return { because: `${because}, and has come no further for ${minutes} minutes; see the log of ${behind.node}`, needsPerson: true };
};

/** First reason wins. */
const checks: readonly Check[] = [lastInSync, belowMinInSync, catchingUp];

/** Hand-overs asked for in one look: each pauses the writes of its shard for a moment. */
const maxHandOversAtOnce = 16;

/** A primary that was asked so often in vain will be failed over, which costs a moment and no data: no rollout waits for it for ever. */
const handOversTried = 3;

export function mayGoDown(node: string, shards: readonly ObservedCopiesOfShard[], { isDrifted, dataNodes }: OtherNodes): NodeDown {
  const concerned = shards.filter(({ wanted, inSync }) => wanted.replicationFactor > 1 && inSync.some((copy) => copy.node === node));
  for (const check of checks) {
    for (const shard of concerned) {
      const refusal = check(node, shard, dataNodes);
      if (refusal !== undefined) return { kind: 'refused', ...refusal };
    }
  }
  const led = concerned.filter(({ primary, handOverRefused }) => primary?.node === node && (handOverRefused?.times ?? 0) < handOversTried);
  if (led.length === 0) return { kind: 'may' };
  const refused = led.find(({ handOverRefused }) => handOverRefused !== undefined);
  const inVain = refused === undefined ? '' : `; ${refused.name}: ${refused.handOverRefused?.because}`;
  const leads = leadsOf(shards, isDrifted);
  return {
    kind: 'handing-over',
    because: `it hands over its primaries (${led.length} left${inVain})`,
    steps: led.slice(0, maxHandOversAtOnce).flatMap((shard) => {
      const step = askHandOver(shard, `${node}, which leads it, is to go down`, leads);
      if (step === undefined) return [];
      leads.add(step.node);
      return [step];
    }),
  };
}

/** How many shards each node leads; one that is to go down itself counts as leading very many. */
function leadsOf(shards: readonly ObservedCopiesOfShard[], isDrifted: (node: string) => boolean) {
  const counts = new Map<string, number>();
  const of = (node: string): number => (counts.get(node) ?? 0) + (isDrifted(node) ? shards.length : 0);
  const add = (node: string): void => void counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const { primary } of shards) if (primary !== undefined) add(primary.node);
  return { of, add };
}

function othersInSync(node: string, inSync: ObservedCopiesOfShard['inSync']): number {
  return inSync.filter((copy) => copy.node !== node && copy.isThere).length;
}
