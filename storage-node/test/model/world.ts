/**
 * The world that the search explores: one VectorShard, its replicas, the network and the API server, as one immutable value.
 * The network keeps, for each pair, epoch and direction, the newest message of each kind, of questions and answers that of any epoch: it can
 * be delivered late, more than once or never.
 */
import type { Configuration } from '../../src/replication/configuration.ts';
import type { Message } from '../../src/replication/messages.ts';
import { startReplica, type Replica } from '../../src/replication/replica.ts';
import type { Rules } from '../../src/replication/rules.ts';

export interface Entry {
  readonly epoch: bigint;
  readonly write: number;
}

export interface Node {
  readonly name: string;
  /** How many times this volume was lost. */
  readonly wipes: number;
  readonly replica: Replica;
  readonly entries: readonly Entry[];
  /** Entries at the end that a crash may take. */
  readonly unsynced: number;
}

export interface Letter {
  readonly message: Message;
  readonly bodies: readonly Entry[];
}

export interface ChangeUnderWay {
  readonly by: string;
  readonly attempt: number;
  readonly epoch: bigint;
  readonly expected: string;
  readonly inSync: readonly string[];
  readonly outcome: 'not arrived' | 'conflict' | Configuration;
  /** The one who asked was told that nobody knows. */
  readonly isOrphan: boolean;
}

export interface World {
  readonly nodes: readonly Node[];
  readonly object: Configuration;
  readonly history: readonly Configuration[];
  readonly letters: ReadonlyMap<string, Letter>;
  readonly changes: readonly ChangeUnderWay[];
  readonly quorumReads: readonly { readonly by: string; readonly epoch: bigint; readonly number: number }[];
  /** What was committed at each sequence; clients may have been told. */
  readonly acknowledged: readonly { readonly sequence: number; readonly write: number }[];
  /** Under way, by node. */
  readonly reads: ReadonlyMap<string, Read>;
  readonly spent: Spent;
  readonly harm: string | undefined;
}

export interface Read {
  /** Reads are counted, and that is the time. */
  readonly begunAt: number;
  readonly mustSee: readonly number[];
}

/** What has happened so often already. */
export interface Spent {
  readonly writes: number;
  readonly crashes: number;
  readonly wipes: number;
  readonly lostReplies: number;
  readonly reads: number;
  readonly changes: number;
}

export interface Scenario {
  readonly rules: Rules;
  readonly nodes: readonly string[];
  readonly learners?: readonly string[];
  /** Names of those in sync at the start; all voters when absent. */
  readonly inSync?: readonly string[];
  readonly minInSync?: number;
  readonly writes: number;
  /** Writes acknowledged before the search begins, which the followers hold and do not know to be committed. */
  readonly acknowledged?: number;
  /** Who may fall silent; everyone when absent. */
  readonly silent?: readonly string[];
  readonly epochs: bigint;
  readonly changes: number;
  readonly crashes?: number;
  readonly wipes?: number;
  readonly lostReplies?: number;
  /** Linearizable ones. */
  readonly reads?: number;
  /** Where they are read; everywhere when absent. */
  readonly readers?: readonly string[];
  /** The primary's own sync takes time, beside sending. */
  readonly slowSync?: boolean;
  /** A message that was delivered may be delivered again. */
  readonly repeats?: boolean;
  /** Watches show any version there ever was; false: only the newest. */
  readonly staleWatches?: boolean;
  /** The operator's mistakes. */
  readonly operator?: 'promotes anyone' | 'writes without a version';
  readonly reusesReplicaId?: boolean;
  /** Checks that only restate the rule that a mutation breaks; left out to show the harm itself. */
  readonly without?: readonly ('I6' | 'I13')[];
}

/** Nothing has happened yet: the first primary is named and nobody knows. */
export function emptyWorld({ nodes: names, learners = [], inSync, minInSync = 1 }: Scenario): World {
  const members = names.map((node) => ({
    replicaId: node,
    node,
    kind: learners.includes(node) ? ('Learner' as const) : ('Voter' as const),
  }));
  const voters = members.filter(({ kind }) => kind === 'Voter').map(({ replicaId }) => replicaId);
  const object: Configuration = {
    version: '1',
    epoch: 1n,
    primary: names[0],
    inSync: inSync ?? voters,
    minInSync,
    members,
    handOverTo: undefined,
  };
  const nodes = names.map((name): Node => {
    const replica = startReplica({ shard: 's', replicaId: name, epoch: 0n });
    return { name, wipes: 0, replica, entries: [], unsynced: 0 };
  });
  return {
    nodes,
    object,
    history: [object],
    letters: new Map(),
    changes: [],
    quorumReads: [],
    acknowledged: [],
    reads: new Map(),
    spent: { writes: 0, crashes: 0, wipes: 0, lostReplies: 0, reads: 0, changes: 0 },
    harm: undefined,
  };
}

export function nodeOf(world: World, name: string): Node {
  const node = world.nodes.find((each) => each.name === name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
}

export function withNode(world: World, name: string, change: Partial<Node>): World {
  return { ...world, nodes: world.nodes.map((each) => (each.name === name ? { ...each, ...change } : each)) };
}

export function withoutRead(world: World, name: string): World {
  const reads = new Map(world.reads);
  reads.delete(name);
  return { ...world, reads };
}
