/** What must hold after every step; the first that does not, in words. Numbers are those of docs/replication.md. */
import { isLeader } from '../../src/replication/step.ts';
import type { Node, Scenario, World } from './world.ts';

export function harmOf(scenario: Scenario, before: World, world: World): string | undefined {
  return (
    world.harm ??
    twoLeaders(world) ??
    resumed(scenario, before, world) ??
    badSet(before, world) ??
    lost(world) ??
    shownWithoutCommit(world) ??
    diverged(world) ??
    commitWentBack(before, world)
  );
}

function twoLeaders({ nodes }: World): string | undefined {
  const epochs = nodes.filter(({ replica }) => isLeader(replica)).map(({ replica }) => replica.epoch);
  return new Set(epochs).size < epochs.length ? 'I1: two primaries in one epoch' : undefined;
}

function resumed({ without }: Scenario, before: World, world: World): string | undefined {
  if (without?.includes('I13')) return undefined;
  for (const { name, replica } of world.nodes) {
    const earlier = before.nodes.find((each) => each.name === name)?.replica;
    if (isLeader(replica) && earlier && !isLeader(earlier) && earlier.epoch >= replica.epoch)
      return `I13: ${name} resumes epoch ${replica.epoch}`;
  }
  return undefined;
}

function badSet({ object: earlier }: World, { object }: World): string | undefined {
  if (object === earlier) return undefined;
  const { inSync, members, primary, epoch } = object;
  if (primary === undefined || !inSync.includes(primary)) return 'I9: the primary is not in sync';
  if (inSync.some((each) => members.find(({ replicaId }) => replicaId === each)?.kind !== 'Voter')) return 'I21: a learner is in sync';
  if (epoch !== earlier.epoch) return undefined;
  const changed =
    inSync.filter((each) => !earlier.inSync.includes(each)).length + earlier.inSync.filter((each) => !inSync.includes(each)).length;
  if (changed > 1) return 'I9: the in-sync set changed by more than one';
  return primary !== earlier.primary ? 'I2: the primary changed within an epoch' : undefined;
}

const durableEntries = ({ entries, unsynced }: Node): Node['entries'] => entries.slice(0, entries.length - unsynced);

function lost({ nodes, object, acknowledged }: World): string | undefined {
  for (const [index, each] of acknowledged.entries()) {
    if (acknowledged[index + 1]?.sequence === each.sequence) return `I5: two acknowledged writes at sequence ${each.sequence}`;
  }
  for (const node of nodes) {
    if (!object.inSync.includes(node.replica.replicaId)) continue;
    const held = durableEntries(node);
    const missing = acknowledged.find(({ sequence, write }) => held[sequence - 1]?.write !== write);
    if (missing) return `I4: acknowledged write ${missing.write} is not on ${node.replica.replicaId}, which may be promoted`;
  }
  return undefined;
}

function shownWithoutCommit({ nodes, acknowledged }: World): string | undefined {
  const final = new Set(acknowledged.map(({ sequence, write }) => `${sequence}=${write}`));
  for (const { name, replica, entries } of nodes) {
    const shown = entries.slice(0, Number(replica.applied));
    const wrong = shown.findIndex(({ write }, index) => !final.has(`${index + 1}=${write}`));
    if (wrong >= 0) return `I15: ${name} shows sequence ${wrong + 1}, which is not what was committed`;
  }
  return undefined;
}

function diverged({ nodes }: World): string | undefined {
  for (const leader of nodes) {
    if (!isLeader(leader.replica)) continue;
    for (const { name, replica, entries } of nodes) {
      if (replica.role.kind !== 'following' || replica.epoch !== leader.replica.epoch) continue;
      const compared = Number(replica.role.matched);
      const isEqual = entries.slice(0, compared).every(({ write }, index) => leader.entries[index]?.write === write);
      if (!isEqual) return `I7: ${name} says it equals its primary and does not`;
      if (compared > 0 && compared === leader.entries.length && entries.length > compared)
        return `I7: ${name} keeps what its primary does not have`;
    }
  }
  return undefined;
}

function commitWentBack(before: World, { nodes }: World): string | undefined {
  for (const { name, replica } of nodes) {
    const earlier = before.nodes.find((each) => each.name === name)?.replica;
    const isSameRun = earlier?.replicaId === replica.replicaId && replica.epoch >= earlier.epoch && replica.committed < earlier.committed;
    if (isSameRun && replica.committed > 0n) return `I8: the commit index of ${name} went back`;
  }
  return undefined;
}
