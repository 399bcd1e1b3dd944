/** How a shard stands, for people who look for the reason. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Machine } from '../node/machine.ts';

export function wordsOfShard({ metadata, spec, status }: VectorShard, machines: readonly Machine[]): string {
  const { epoch, primary = '', inSync = [], members = [], minInSync } = status ?? {};
  const named = members.map(({ node, replicaId, eligibleFromEpoch }) => `${node} has ${short(replicaId)} from epoch ${eligibleFromEpoch}`);
  const copies = machines.flatMap((machine) => wordsOfCopy(metadata.uid ?? '', machine));
  const assigned = spec.assignments.map(({ node }) => node).join(', ');
  const conditions = (status?.conditions ?? []).map(({ type, status: is, message }) => `${type} ${is}: ${message}`);
  return [
    `${metadata.name}: epoch ${epoch}, primary ${short(primary)}, in sync ${inSync.map(short).join(', ')}, at least ${minInSync}, assigned ${assigned}`,
    ...named,
    ...copies,
    ...conditions,
  ].join('\n      ');
}

/** What became of epoch and in-sync set; undefined when nothing did. */
export function wordsOfChange(before: VectorShard | undefined, { metadata, status }: VectorShard): string | undefined {
  const { epoch = 0, inSync = [], members = [], primary = '' } = status ?? {};
  const nodeOf = (id: string) => members.find(({ replicaId }) => replicaId === id)?.node ?? id;
  const shard = `shard ${metadata.name.split('-').at(-1)}`;
  const set = `in sync ${inSync.map(nodeOf).join(', ')}`;
  if (epoch !== (before?.status?.epoch ?? 0)) return `${shard}: epoch ${epoch}, led by ${nodeOf(primary)}, ${set}`;
  return inSync.join() === (before?.status?.inSync ?? []).join() ? undefined : `${shard}: ${set}`;
}

function wordsOfCopy(shard: string, { node, running }: Machine): readonly string[] {
  if (running === undefined) return [`${node} does not run`];
  const replica = running.replicas.find(shard);
  if (replica === undefined) return [];
  const { replicaId, epoch, role, log, committed, applied } = replica.runner.replica;
  const state = `${node}: ${short(replicaId)} ${role.kind} in ${epoch}, logged ${log.last}, committed ${committed}, applied ${applied}`;
  if (role.kind !== 'leading') return [role.kind === 'following' ? `${state}, matched ${role.matched}` : state];
  const peers = Array.from(
    role.peers,
    ([id, { phase, matched, isVoter }]) => `${short(id)} ${phase} ${matched} ${isVoter ? 'voter' : 'learner'}`,
  );
  const change = role.change === undefined ? '' : `, asks for ${role.change.inSync.map(short).join(', ')} on ${role.change.expected}`;
  return [
    `${state}, ${role.phase}${change}, reading ${role.reading}, inherited ${role.inherited}, durable ${role.durable}, peers ${peers.join(', ')}`,
  ];
}

function short(id: string): string {
  return id.slice(0, 4);
}

/** Replica ids in a text, cut short and with the node that each is on. */
export function withNodes(text: string, objects: readonly VectorShard[]): string {
  const members = objects.flatMap(({ status }) => status?.members ?? []);
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, (id) => {
    const node = members.find(({ replicaId }) => replicaId === id)?.node;
    return node === undefined ? id.slice(0, 4) : `${id.slice(0, 4)} on ${node}`;
  });
}
