/**
 * How the in-sync set changes within an epoch: one change at a time, by compare-and-swap, and as long as its outcome is not certain
 * both sets are waited for. So a replica is waited for before it can be in sync, and until it certainly is not.
 */
import { sendEntries, withPeer } from './catch-up.ts';
import { chain } from './chain.ts';
import { saysTheSame, type Configuration } from './configuration.ts';
import type { ChangeOutcome } from './events.ts';
import type { Effect, Step } from './effects.ts';
import { newPeer, peerPhaseAfter, type Peer } from './peer.ts';
import type { Leader } from './replica.ts';
import type { Rules } from './rules.ts';

/** What a copy may lack for writers to wait until it has joined. */
const nearEntries = 256n;

/** It comes back only by speaking again. */
export function shrink(leader: Leader, silent: string): Step<Leader> {
  const { configuration, peers } = leader.role;
  const peer = peers.get(silent);
  if (peer?.candidacy === 'waited-for') return [withPeer(leader, silent, unheard({ ...peer, candidacy: 'given-up' })), []];
  if (silent === leader.replicaId || !configuration.inSync.includes(silent)) return [leader, []];
  const [next, effects] = change(
    leader,
    configuration.inSync.filter((each) => each !== silent),
  );
  return !peer || effects.length === 0 ? [next, effects] : [withPeer(next, silent, unheard(peer)), effects];
}

function unheard(peer: Peer): Peer {
  return { ...peer, phase: peerPhaseAfter(peer.phase, 'connection-lost') };
}

/** It goes on acknowledging until it is out of the set, so that writers wait for neither its end nor that it is missed. */
export function leaves(leader: Leader, leaving: string): Leader {
  const peer = leader.role.peers.get(leaving);
  if (peer === undefined) return leader;
  const candidacy = peer.candidacy === 'waited-for' ? 'given-up' : peer.candidacy;
  return withPeer(leader, leaving, { ...peer, candidacy, isLeaving: true });
}

/** Its process is about to end; or the operator wants this copy gone, or only to follow: its assignment as voter was taken back. */
export function retire(leader: Leader): Step<Leader> {
  const { configuration, peers } = leader.role;
  const { inSync, members } = configuration;
  const isVoter = (each: string) => members.some(({ replicaId, kind }) => replicaId === each && kind === 'Voter');
  const retired = inSync.find((each) => each !== leader.replicaId && (!isVoter(each) || peers.get(each)?.isLeaving === true));
  if (retired === undefined) return [leader, []];
  return change(
    leader,
    inSync.filter((each) => each !== retired),
  );
}

/** Names the next voter that holds everything, by the replica id whose acknowledgements were counted. */
export function expand(rules: Rules, leader: Leader): Step<Leader> {
  const { role } = leader;
  const joining = role.configuration.members.find(({ replicaId, kind }) => {
    if (kind !== 'Voter' || replicaId === leader.replicaId || role.configuration.inSync.includes(replicaId)) return false;
    const peer = role.peers.get(rules.progressOf(replicaId, role));
    return peer?.phase === 'streaming' && !peer.isLeaving && rules.mayJoin(peer, leader, role);
  });
  return joining ? change(leader, [...role.configuration.inSync, joining.replicaId]) : [waitForCandidate(leader), []];
}

/** One at a time, and only one that is so near that writers hardly notice. */
function waitForCandidate(leader: Leader): Leader {
  const { role, committed, log } = leader;
  const peers = [...role.peers];
  if (committed < role.inherited || peers.some(([, { candidacy }]) => candidacy === 'waited-for')) return leader;
  const near = peers.find(
    ([replicaId, { phase, matched, isVoter, candidacy, isLeaving }]) =>
      isVoter &&
      !isLeaving &&
      candidacy === 'none' &&
      phase === 'streaming' &&
      log.last - matched <= nearEntries &&
      !role.configuration.inSync.includes(replicaId),
  );
  return near === undefined ? leader : withPeer(leader, near[0], { ...near[1], candidacy: 'waited-for' });
}

function change(leader: Leader, inSync: readonly string[]): Step<Leader> {
  const { role } = leader;
  if (role.phase !== 'serving' || role.change || role.reading !== undefined) return [leader, []];
  return attempt(leader, inSync);
}

function attempt(leader: Leader, inSync: readonly string[]): Step<Leader> {
  const { role, epoch } = leader;
  const asked = { attempt: role.nextNumber, expected: role.configuration.version, inSync };
  const effect: Effect = { kind: 'change-in-sync', epoch, ...asked };
  return [{ ...leader, role: { ...role, change: asked, nextNumber: role.nextNumber + 1 } }, [effect]];
}

export function onChangeAnswered(leader: Leader, number: number, outcome: ChangeOutcome): Step<Leader> {
  if (leader.role.change?.attempt !== number) return [leader, []];
  if (outcome.kind === 'done') return take(leader, outcome.configuration);
  return readConfiguration(leader);
}

/**
 * A watch may be behind, so what it shows is only a reason to read. Where nothing is new but the version, that is taken as it is: if it is
 * an older one after all, the next swap is refused, and then the object is read.
 */
export function onConfigurationSeen(leader: Leader, seen: Configuration): Step<Leader> {
  const { role, epoch } = leader;
  const { configuration } = role;
  if (seen.epoch !== epoch || seen.version === configuration.version || role.change || role.reading !== undefined) return [leader, []];
  if (!saysTheSame(seen, configuration)) return readConfiguration(leader);
  return [{ ...leader, role: { ...role, configuration: seen } }, []];
}

function readConfiguration(leader: Leader): Step<Leader> {
  const { role } = leader;
  const number = role.nextNumber;
  return [
    { ...leader, role: { ...role, reading: number, nextNumber: number + 1 } },
    [{ kind: 'read-configuration', epoch: leader.epoch, number }],
  ];
}

/** An unsettled change is asked for again on the same version: whichever attempt arrives first makes the others impossible. */
export function onConfigurationRead(rules: Rules, leader: Leader, configuration: Configuration): Step<Leader> {
  const read: Leader = { ...leader, role: { ...leader.role, reading: undefined } };
  const { change } = read.role;
  if (change && !rules.isSettled(change, configuration)) return attempt(read, change.inSync);
  return take(read, configuration);
}

/** Members that were not known before hear from their primary at once. */
function take(leader: Leader, configuration: Configuration): Step<Leader> {
  const { role } = leader;
  const peers = peersOf(configuration, leader, role.peers);
  const next = { ...leader, role: { ...role, configuration, change: undefined, reading: undefined, peers } };
  const newcomers = [...peers.keys()].filter((each) => !role.peers.has(each));
  return chain<Leader>(next, ...newcomers.map((each) => (state: Leader) => sendEntries(state, each, true)));
}

/** In-sync replicas hold everything committed, so sending to them begins there; others are asked where their logs part. */
export function peersOf(
  { members, inSync }: Configuration,
  { replicaId, log, committed }: Pick<Leader, 'replicaId' | 'log' | 'committed'>,
  known: ReadonlyMap<string, Peer>,
): ReadonlyMap<string, Peer> {
  const others = members.filter((member) => member.replicaId !== replicaId);
  return new Map(
    others.map((member) => {
      const isVoter = member.kind === 'Voter';
      const fresh = newPeer((inSync.includes(member.replicaId) ? committed : log.last) + 1n, isVoter);
      const peer = known.get(member.replicaId);
      const candidacy = inSync.includes(member.replicaId) || !isVoter ? 'none' : (peer?.candidacy ?? 'none');
      return [member.replicaId, peer ? { ...peer, isVoter, candidacy } : fresh];
    }),
  );
}
