/**
 * The life of a shard as far as the operator decides it: the first primary, and a new epoch when the primary's process has started again.
 *
 * A process that starts never acts as primary in an epoch that it has seen (`eligibleFromEpoch`), so that what it did not write durably
 * before it died cannot be taken for this epoch's. Only the operator raises an epoch, by one, and always on a fresh read.
 */
import type { Member } from '@vectorcluster/crds/vector-shard.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import type { ObservedShard } from './observed-shard.ts';
import type { Plan, ShardStep } from './step.ts';

/** One copy is kept in this version. */
const minInSync = 1;

export function planShard(shard: ObservedShard): Plan<ShardStep> {
  const decision = decide(shard);
  return {
    steps: decision.kind === 'step' ? [decision.step] : [],
    conditions: conditionsOf({
      ready:
        decision.kind === 'serving'
          ? { isReady: true, reason: 'PrimaryServes', message: `${decision.node} is primary in epoch ${shard.epoch}` }
          : { isReady: false, reason: 'NoPrimaryServes', message: whyNot(decision) },
      reconciling: decision.kind === 'waiting' || decision.kind === 'step' ? [reconciling(decision)] : [],
      stalled: decision.kind === 'lost' ? [{ reason: 'CopyLost', message: decision.because }] : [],
    }),
  };
}

type Decision =
  | { readonly kind: 'serving'; readonly node: string }
  | { readonly kind: 'waiting'; readonly because: string }
  /** Nobody but a person can do something about it. */
  | { readonly kind: 'lost'; readonly because: string }
  | { readonly kind: 'step'; readonly step: ShardStep };

function decide(shard: ObservedShard): Decision {
  return shard.primary === undefined || shard.epoch === 0 ? appoint(shard) : keepPrimary(shard, shard.primary);
}

function appoint(shard: ObservedShard): Decision {
  const voters = shard.assignments.filter(({ kind }) => kind === 'Voter').map(({ node }) => node);
  const first = shard.members.find((member) => member.kind === 'Voter' && voters.includes(member.node));
  if (first === undefined) return { kind: 'waiting', because: `${voters.join(', ')} has not registered a copy yet` };
  return {
    kind: 'step',
    step: {
      kind: 'appoint-primary',
      object: shard.name,
      epoch: shard.epoch + 1,
      primary: first.replicaId,
      inSync: [first.replicaId],
      minInSync,
      because: `${first.node} registered the first copy`,
    },
  };
}

function keepPrimary(shard: ObservedShard, primary: string): Decision {
  const member = shard.members.find(({ replicaId }) => replicaId === primary);
  if (member === undefined) return { kind: 'waiting', because: `the primary ${primary} is not among the members: never guess another` };
  if (member.eligibleFromEpoch > shard.epoch) {
    return {
      kind: 'step',
      step: {
        kind: 'raise-epoch',
        object: shard.name,
        epoch: shard.epoch + 1,
        primary,
        inSync: shard.inSync,
        minInSync,
        because: `${member.node} has started again and may be primary from epoch ${member.eligibleFromEpoch} on`,
      },
    };
  }
  return serves(shard, member);
}

function serves({ nodes, members }: ObservedShard, { replicaId, node, podUid }: Member): Decision {
  const pod = nodes.get(node);
  if (pod === undefined) return { kind: 'waiting', because: `the Pod of ${node} is gone` };
  const successor = members.find((member) => member.node === node && member.replicaId !== replicaId);
  if (successor?.podUid === pod.podUid && pod.podUid !== podUid) return { kind: 'lost', because: emptyVolume(node, replicaId) };
  if (pod.podUid !== podUid) return { kind: 'waiting', because: `the new Pod of ${node} has not registered yet` };
  return pod.isReady ? { kind: 'serving', node } : { kind: 'waiting', because: `${node} is not Ready` };
}

/** An empty copy never becomes primary in the place of one that held acknowledged writes. */
function emptyVolume(node: string, replicaId: string): string {
  return `${node} has an empty volume in the place of copy ${replicaId}, the only one there was; bring the old volume back, or delete the collection and make it again`;
}

function whyNot(decision: Exclude<Decision, { kind: 'serving' }>): string {
  if (decision.kind === 'lost') return decision.because;
  const why = decision.kind === 'step' ? decision.step.because : decision.because;
  return `${why}; if it stays so, see the VectorCluster and the logs of the node`;
}

function reconciling(decision: Extract<Decision, { kind: 'waiting' | 'step' }>): Finding {
  if (decision.kind === 'waiting') return { reason: 'Wait', message: decision.because };
  return {
    reason: decision.step.kind === 'raise-epoch' ? 'RaiseEpoch' : 'AppointPrimary',
    message: `${decision.step.kind} to ${decision.step.epoch} because ${decision.step.because}`,
  };
}
