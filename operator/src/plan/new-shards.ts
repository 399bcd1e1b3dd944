/** Shards that a collection lacks: with which hash ranges, with copies on which nodes. */
import { shardObjectName } from '@vectorcluster/crds/names.ts';
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { copiesWanted } from './copies-wanted.ts';
import { hashRange } from './hash-range.ts';
import { listed } from './listed.ts';
import type { ObservedCollection, ObservedHome, ObservedPlace } from './observed-collection.ts';
import { chooseNode } from './placement/choose-node.ts';
import { placeCopies, type PlaceableNode } from './placement/place-copies.ts';
import { spreadPrimaries } from './placement/spread-primaries.ts';
import type { CollectionStep } from './step.ts';

export interface MissingShard {
  readonly name: string;
  readonly index: number;
  readonly of: number;
}

export function missingShards({ name, uid, shards }: ObservedCollection, count: number): readonly MissingShard[] {
  const existing = new Set(shards.map((shard) => shard.name));
  return Array.from({ length: count }, (_, index) => ({ name: shardObjectName(name, uid, index), index, of: count })).filter(
    (shard) => !existing.has(shard.name),
  );
}

export function shardSteps(missing: readonly MissingShard[], { spec }: ObservedCollection, home: ObservedHome): readonly CollectionStep[] {
  if (missing.length === 0) return [];
  const unavailable = waitForNodes(home);
  if (unavailable !== undefined) return [unavailable];
  const { replicationFactor, readReplicas } = copiesWanted(spec, home.defaults);
  const nodes = ready(home.nodes);
  const shards = missing.map(({ name }) => name);
  const loads = nodes.map(({ name, zone, leads }) => ({ node: name, zone, leads }));
  const voters = spreadPrimaries(placeCopies({ nodes: nodes.map(placeable), shards, copies: replicationFactor }), loads);
  const learners = placeCopies({ nodes: ready(home.readers).map(placeable), shards, copies: readReplicas });
  const down = home.nodes.filter(({ state }) => state === 'down').map(placeable);
  return missing.map(({ name, index, of }) => {
    const chosen = filledUp(voters.get(name) ?? [], replicationFactor, { nodes, down });
    const zones = chosen.map((node) => home.nodes.find((each) => each.name === node)?.zone ?? '');
    const hold = chosen.length === 1 ? 'holds' : 'hold';
    return {
      kind: 'create-shard',
      object: name,
      hashRange: hashRange(index, of),
      assignments: [...assigned(chosen, 'Voter'), ...assigned(learners.get(name) ?? [], 'Learner')],
      because: `shard ${index + 1} of ${of} is missing; ${chosen.join(', ')} in ${zones.join(', ')} ${hold} the fewest copies`,
    };
  });
}

interface Reserve {
  readonly nodes: readonly ObservedPlace[];
  readonly down: readonly PlaceableNode[];
}

/** A node that is down for the moment is better than none: it follows when it is back, or its copies go elsewhere after the grace period. */
function filledUp(chosen: readonly string[], copies: number, { nodes, down }: Reserve): readonly string[] {
  const filled = [...chosen];
  const zones = chosen.map((node) => nodes.find(({ name }) => name === node)?.zone ?? '');
  while (chosen.length > 0 && filled.length < copies) {
    const next = chooseNode(
      down.filter(({ name }) => !filled.includes(name)),
      zones,
    );
    if (next === undefined) break;
    filled.push(next.name);
    zones.push(next.zone);
  }
  return filled;
}

function assigned(nodes: readonly string[], kind: Assignment['kind']): readonly Assignment[] {
  return nodes.map((node) => ({ node, kind }));
}

function ready(nodes: readonly ObservedPlace[]): readonly ObservedPlace[] {
  return nodes.filter(({ state }) => state === 'ready');
}

function placeable({ name, zone, copies }: ObservedPlace) {
  return { name, zone, load: copies };
}

/** A shard should have its copies from the start, so placing waits for nodes that are on their way; but not for those that are down. */
function waitForNodes({ nodes, nodesWanted, isStalled }: ObservedHome): CollectionStep | undefined {
  const named = (state: ObservedPlace['state']) => nodes.filter((node) => node.state === state).map(({ name }) => name);
  const [starting] = named('starting');
  const mayGoOn = isStalled && named('ready').length > 0;
  if (starting !== undefined && !mayGoOn)
    return { kind: 'wait', object: starting, because: `${starting} is starting and will hold shards too` };
  if (nodes.length < nodesWanted && !isStalled) {
    return {
      kind: 'wait',
      object: 'nodes',
      because: `${nodes.length} of ${nodesWanted} Data nodes exist, and the others will hold shards too`,
    };
  }
  if (named('ready').length > 0) return undefined;
  return {
    kind: 'wait',
    object: 'nodes',
    because: nodes.length === 0 ? 'there is no Data node' : `no Data node is Ready: ${listed(named('down'))}`,
  };
}
