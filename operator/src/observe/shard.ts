import type { VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { ObservedShard } from '../plan/observed-shard.ts';
import { isPodReady } from './pod-state.ts';

/** `podOf` finds the Pod of a node. */
export function observeShard({ metadata, spec, status }: VectorShard, podOf: (node: string) => Pod | undefined): ObservedShard {
  const nodes = new Set([...spec.assignments.map(({ node }) => node), ...membersOf(status).map(({ node }) => node)]);
  return {
    name: metadata.name,
    assignments: spec.assignments,
    epoch: status?.epoch ?? 0,
    primary: status?.primary,
    inSync: status?.inSync ?? [],
    members: membersOf(status),
    nodes: new Map(
      [...nodes].flatMap((node) => {
        const pod = podOf(node);
        if (pod === undefined) return [];
        const isReady = isPodReady(pod) && pod.metadata.deletionTimestamp === undefined;
        return [[node, { podUid: pod.metadata.uid ?? '', isReady }] as const];
      }),
    ),
  };
}

function membersOf(status: VectorShardStatus | undefined) {
  return status?.members ?? [];
}
