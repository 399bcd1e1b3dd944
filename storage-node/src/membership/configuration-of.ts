/** What a VectorShard says to its replicas. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Configuration } from '../replication/configuration.ts';

/** A member is a voter while it is assigned as one: what is not assigned any more leaves the in-sync set. */
export function configurationOf({ metadata, spec, status }: VectorShard): Configuration {
  const voters = new Set(spec.assignments.filter(({ kind }) => kind === 'Voter').map(({ node }) => node));
  const epoch = status?.epoch ?? 0;
  const handOff = status?.handOff;
  return {
    version: metadata.resourceVersion ?? '',
    epoch: BigInt(epoch),
    primary: status?.primary,
    inSync: status?.inSync ?? [],
    minInSync: status?.minInSync ?? 1,
    members: (status?.members ?? []).map(({ replicaId, node, kind }) => ({
      replicaId,
      node,
      kind: kind === 'Voter' && voters.has(node) ? 'Voter' : 'Learner',
    })),
    handOverTo: handOff?.epoch === epoch ? handOff.target : undefined,
  };
}
