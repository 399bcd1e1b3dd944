/** What storage nodes report, in a story: Ready Pods speak, all others are missed by everyone. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { isPodReady } from '../../src/observe/pod-state.ts';
import type { Contact, NodeSight, NodeSights, ReplicaSight } from '../../src/plan/node-sights.ts';
import { isLive } from './storage-nodes.ts';
import type { Store } from './store.ts';

const open: Contact = { isConnected: true, closedForMs: undefined, silentMs: 100 };
const silent: Contact = { isConnected: true, closedForMs: undefined, silentMs: 5000 };

export interface Troubles {
  /** Nodes that nobody hears, though nothing else is known of them. */
  readonly silent: ReadonlySet<string>;
  /** Nodes whose primaries do not drain when they are asked to. */
  readonly undrained: ReadonlySet<string>;
}

export function sightsOf(store: Store, troubles: Troubles): NodeSights {
  const contact = (name: string): Contact => (troubles.silent.has(name) ? silent : open);
  const speaking = store.list<Pod>('Pod').filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined);
  return new Map(
    speaking.map(({ metadata }): [string, NodeSight] => [
      metadata.name,
      {
        ...contact(metadata.name),
        podUid: metadata.uid ?? '',
        volume: undefined,
        peers: new Map(speaking.map((other) => [other.metadata.name, contact(other.metadata.name)])),
        replicas: new Map(store.list<VectorShard>('VectorShard').flatMap((shard) => replicasOn(store, shard, metadata.name, troubles))),
      },
    ]),
  );
}

function replicasOn(store: Store, shard: VectorShard, node: string, { undrained }: Troubles): readonly [string, ReplicaSight][] {
  const { members = [], primary, epoch = 0, handOff } = shard.status ?? {};
  const own = members.filter((member) => member.node === node && isLive(store, member, shard));
  return own.map((member) => {
    const leads = member.replicaId === primary && member.eligibleFromEpoch <= epoch;
    const drains = leads && handOff?.epoch === epoch && !undrained.has(node);
    return [
      member.replicaId,
      {
        shard: shard.metadata.uid ?? '',
        replicaId: member.replicaId,
        epoch,
        role: leads ? 'leading' : 'following',
        serves: true,
        applied: 0n,
        points: 0,
        because: undefined,
        drainedTo: drains ? handOff.target : undefined,
      },
    ];
  });
}
