/** The nodes of one cluster as one value: what the API server says of its pools, Pods and volumes. */
import type { PodTemplate } from '@vectorcluster/crds/pod-template.ts';
import type { Role } from '@vectorcluster/crds/vector-cluster.ts';
import type { LeavingNode } from '@vectorcluster/crds/vector-pool.ts';
import type { VolumeSight } from './node-sights.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import type { ObservedVolume } from './observed-volume.ts';
import type { Precondition } from './step.ts';

export interface ObservedNodes {
  readonly cluster: string;
  /** spec.zones.values; undefined when zones are found by looking. */
  readonly zonesWanted: readonly string[] | undefined;
  readonly topologyKey: string;
  /** spec.update.pause */
  readonly isPaused: boolean;
  /** As whoever installed the operator said. */
  readonly allowsUnsafePodTemplates: boolean;
  readonly pools: readonly ObservedPool[];
  readonly shards: readonly ObservedCopiesOfShard[];
  /** How many VectorShards name a node, in whatever way. */
  readonly copiesOn: ReadonlyMap<string, number>;
  /** Collections of which VectorShards are gone that were there: their data may be on any node. */
  readonly withoutShards: readonly string[];
  /** By node; those that do not report are missing. */
  readonly volumes: ReadonlyMap<string, VolumeSight>;
}

export interface ObservedPool {
  readonly name: string;
  readonly objectName: string;
  readonly role: Role;
  /** spec.pools of the cluster does not list it: all its nodes leave. */
  readonly isRemoved: boolean;
  /** Nodes that were told to leave, as the pool's status keeps them. */
  readonly leaving: readonly LeavingNode[];
  /** Nodes wanted. */
  readonly replicas: number;
  readonly hasStorage: boolean;
  readonly podTemplate: PodTemplate | undefined;
  /** Zones with a ready Kubernetes node on which this pool's Pods may run, in order of name. */
  readonly usableZones: readonly string[];
  /** Nodes that have a Pod or a volume, by ordinal. */
  readonly nodes: readonly ObservedNode[];
  /** Objects of the pool apart from nodes. */
  readonly objects: readonly ObservedObject[];
}

export interface ObservedNode {
  readonly name: string;
  readonly ordinal: number;
  /** Where its volume, or else its Pod, is; never changes. */
  readonly zone: string;
  /** Node label that `zone` is a value of. */
  readonly topologyKey: string;
  readonly volume: ObservedVolume | undefined;
  /** The Kubernetes node that its Pod is on, when neither is Ready. */
  readonly silentMachine?: string | undefined;
  readonly pod: ObservedPod | undefined;
}

export interface ObservedPod {
  readonly precondition: Precondition;
  /** Since when it is shutting down. */
  readonly deletingSince: Date | undefined;
  /** Why it will never run again, such as an eviction. */
  readonly ended: string | undefined;
  readonly isReady: boolean;
  /** It was Ready at some time with the template it has. */
  readonly wasReady: boolean;
  /** A reason that does not go away by waiting a moment, such as an image that does not exist. */
  readonly trouble: string | undefined;
  /** Why no machine takes it yet: one may be on its way, as when nodes are added by an autoscaler or come back from a drain. */
  readonly unscheduled: string | undefined;
  /** Since when it is not Ready; its creation when it never was. Meaningless while it is Ready. */
  readonly notReadySince: Date;
  readonly running: PodFacts;
  readonly wanted: PodFacts;
}

/** What two Pods are compared by. */
export interface PodFacts {
  readonly image: string;
  readonly zone: string;
  readonly resources: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly scheduling: string;
  /** In words, such as `container log` and `label team=search`. */
  readonly parts: readonly string[];
  /** Hash of everything that was asked for. */
  readonly templateHash: string;
  /** With which it was first Ready; undefined before. */
  readonly firstReadyImage: string | undefined;
}

/** An object of which there is one. */
export interface ObservedObject {
  readonly kind: string;
  readonly name: string;
  readonly state: ObjectState;
}

export type ObjectState =
  | { readonly kind: 'current' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'different'; readonly difference: string }
  /** Somebody else's object has the name. */
  | { readonly kind: 'foreign'; readonly owner: string };
