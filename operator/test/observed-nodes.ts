/** Pools of Data nodes that are up, as plans see them. */
import { nodeName } from '../src/plan/names.ts';
import type { ObservedCopiesOfShard } from '../src/plan/observed-copies.ts';
import type { ObservedVolume } from '../src/plan/observed-volume.ts';
import type { ObservedNode, ObservedNodes, ObservedPod, ObservedPool, PodFacts } from '../src/plan/observed-nodes.ts';

export const podFacts: PodFacts = {
  image: 'node:1',
  zone: 'a',
  resources: '{}',
  environment: new Map(),
  scheduling: '{}',
  parts: [],
  firstReadyImage: undefined,
  templateHash: 'h',
};

export const upPod: ObservedPod = {
  precondition: { uid: 'u', resourceVersion: '1' },
  deletingSince: undefined,
  ended: undefined,
  isReady: true,
  wasReady: true,
  trouble: undefined,
  unscheduled: undefined,
  notReadySince: new Date('2026-01-01T00:00:00Z'),
  running: podFacts,
  wanted: podFacts,
};

export const healthyVolume: ObservedVolume = {
  precondition: { uid: 'v', resourceVersion: '1' },
  isDeleting: false,
  isPending: false,
  isLost: false,
  difference: undefined,
  size: undefined,
};

export function dataNode(ordinal: number, zone: string, parts: Partial<ObservedNode> = {}): ObservedNode {
  return {
    name: nodeName('shop-data', ordinal),
    ordinal,
    zone,
    topologyKey: 'zone',
    volume: healthyVolume,
    pod: upPod,
    ...parts,
  };
}

/** Zones of its nodes, by ordinal. */
export function dataPool(replicas: number, zones: readonly string[]): ObservedPool {
  return {
    name: 'data',
    objectName: 'shop-data',
    role: 'Data',
    isRemoved: false,
    leaving: [],
    replicas,
    hasStorage: true,
    podTemplate: undefined,
    usableZones: [...new Set(zones)].toSorted(),
    nodes: zones.map((zone, ordinal) => dataNode(ordinal, zone)),
    objects: [],
  };
}

export function nodesOf(pools: readonly ObservedPool[], parts: Partial<ObservedNodes> = {}): ObservedNodes {
  return {
    cluster: 'shop',
    zonesWanted: undefined,
    topologyKey: 'zone',
    isPaused: false,
    allowsUnsafePodTemplates: false,
    pools,
    shards: [],
    copiesOn: new Map(),
    withoutShards: [],
    volumes: new Map(),
    ...parts,
  };
}

/** A shard that wants as many copies as there are nodes. */
export function shardOn(...nodes: readonly string[]): ObservedCopiesOfShard {
  const [first = ''] = nodes;
  return {
    name: 's',
    precondition: { uid: 'u', resourceVersion: '1' },
    wanted: { replicationFactor: nodes.length, minInSync: 1, readReplicas: 0 },
    assignments: nodes.map((node) => ({ node, kind: 'Voter' })),
    epoch: 1,
    epochSeen: 1,
    epochAgeMs: 0,
    minInSync: 1,
    primary: { node: first, isThere: true, going: undefined },
    inSync: nodes.map((node) => ({ replicaId: node, node, isThere: true, isGoing: false })),
    nodesThere: new Set(nodes),
    serving: new Set(nodes),
    beingMade: [],
    points: undefined,
    isHandingOver: false,
    handOverRefused: undefined,
  };
}
