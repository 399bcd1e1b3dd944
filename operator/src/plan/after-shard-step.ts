import type { ObservedShard } from './observed-shard.ts';
import type { ShardStep } from './step.ts';

/** The shard as its object says it is once the step is written. What Pods and reports say does not change by that. */
export function afterShardStep(shard: ObservedShard, step: ShardStep): ObservedShard {
  switch (step.kind) {
    case 'appoint-primary':
      return { ...shard, ...leadership(step), minInSync: step.minInSync };
    case 'fail-over':
      return { ...shard, ...leadership(step), isFailedOver: true };
    case 'raise-epoch':
    case 'name-another':
    case 'hand-over':
      return { ...shard, ...leadership(step) };
    case 'withdraw-hand-over':
      return { ...shard, handOff: undefined };
    case 'set-min-in-sync':
      return { ...shard, minInSync: step.minInSync };
    case 'remove-member':
      return { ...shard, members: shard.members.filter(({ replicaId }) => replicaId !== step.replicaId) };
  }
}

function leadership({ epoch, primary, inSync }: { readonly epoch: number; readonly primary: string; readonly inSync: readonly string[] }) {
  return { epoch, primary, inSync, hasServed: false, handOff: undefined, isFailedOver: false, epochAgeMs: 0 };
}
