/** How long a shard takes no write after one of its nodes is killed, or stops without a word; and what reads notice of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration } from '@vectorcluster/e2e/faults/cluster-view.ts';
import { signalNode } from '@vectorcluster/e2e/faults/injector/processes.ts';
import { pausesAfter, type FaultRecord, type Pause } from '@vectorcluster/e2e/faults/report/pauses.ts';
import { collection } from '@vectorcluster/e2e/faults/workload/points.ts';
import { distribution } from '../distribution.ts';
import { quantile } from '../quantile.ts';
import type { Finding } from '../finding.ts';
import { Probes } from './probes.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const shards = 3;
const everyMs = 100;
const stopMs = 8_000;
const recoveredWithinMs = 30_000;
/** Of the clients: what was asked of a node that is silent fails so much later. */
const requestTimeoutMs = 5_500;
/** The operator names another primary at most this often; what comes of a second fault before is another figure. */
const restMs = 31_000;

const now = (): number => performance.now();

export interface FaultCounts {
  readonly kills: number;
  readonly stops: number;
}

export async function measureFailover(cluster: ReplicatedCluster, { kills, stops }: FaultCounts): Promise<readonly Finding[]> {
  await using probes = await Probes.start(cluster, { shards, everyMs });
  await sleep(3_000);
  const faults: FaultRecord[] = [];
  const inject = async (kind: 'kill' | 'pause', node: string): Promise<void> => {
    const roles = cluster.view.rolesOf([node]);
    const injectedMs = now();
    if (!(await signalNode(cluster.local, node, kind === 'kill' ? 'SIGKILL' : 'SIGSTOP'))) return;
    if (kind === 'pause') {
      await sleep(stopMs);
      await signalNode(cluster.local, node, 'SIGCONT');
    }
    while (!probes.haveWrittenSince(injectedMs) && now() - injectedMs < recoveredWithinMs) await sleep(20);
    await cluster.local.untilNodeReady(node);
    const healedMs = now();
    faults.push({ number: faults.length + 1, kind, words: `${kind} ${node}`, nodes: [node], injectedMs, healedMs, overlaps: false, roles });
    await sleep(1_500); // reads of the time after it count too
    await cluster.settled(() => cluster.shardsOf(collection), { shards, copies: 3 });
  };
  for (let done = 0; done < kills + stops; done++) {
    const kind = done < kills ? 'kill' : 'pause';
    await inject(kind, await restedPrimary(cluster));
    const [follower] = nodesBy(cluster).filter(({ leads }) => leads.length === 0);
    if (follower !== undefined) await inject(kind, follower.node);
    tell(faults, probes, cluster);
  }
  const pauses = pausesAfter(faults, probes.answers, epochsOf(cluster));
  return [
    ...findings('primary killed, first write', pauses, { kind: 'kill', role: 'primary', p50Ms: 1_000, p99Ms: 3_000 }),
    ...findings('follower killed, first write', pauses, { kind: 'kill', role: 'follower', p99Ms: 1_000 }),
    ...findings('primary stopped, first write', pauses, { kind: 'pause', role: 'primary', p99Ms: 5_000 }),
    ...findings('follower stopped, first write', pauses, { kind: 'pause', role: 'follower', p99Ms: 5_000 }),
    reads(faults, probes),
  ];
}

interface Wanted {
  readonly kind: 'kill' | 'pause';
  readonly role: 'primary' | 'follower';
  readonly p50Ms?: number;
  readonly p99Ms: number;
}

function findings(what: string, pauses: readonly Pause[], { kind, role, p50Ms, p99Ms }: Wanted): readonly Finding[] {
  // A follower needs no failover, so none that was just made is in its way.
  const isCounted = ({ justFailedOver }: Pause): boolean => role === 'follower' || !justFailedOver;
  const counted = pauses.filter((pause) => pause.fault.kind === kind && pause.role === role && isCounted(pause));
  if (counted.length === 0) return [];
  const times = counted.map(({ writeMs }) => writeMs ?? Number.POSITIVE_INFINITY);
  process.stdout.write(`${what}: ${distribution(times)}\n`);
  const runs = new Set(counted.map(({ fault }) => fault.number)).size;
  const finding = (share: number, most: number): Finding => {
    const seen = quantile(times, share);
    return { what: `${what}, p${share * 100}`, goal: `≤ ${most} ms`, seen: `${seen.toFixed(0)} ms`, runs, met: seen <= most };
  };
  return [...(p50Ms === undefined ? [] : [finding(0.5, p50Ms)]), finding(0.99, p99Ms)];
}

/** Through nodes that were not hit: what is asked of a dead process itself its client must ask elsewhere. */
function reads(faults: readonly FaultRecord[], { log, missing }: Probes): Finding {
  const isHit = (name: string, atMs: number): boolean =>
    faults.some(({ nodes, injectedMs, healedMs }) => nodes.includes(name) && atMs >= injectedMs && atMs < healedMs + requestTimeoutMs);
  const failed = log.failedRequests.filter(
    ({ operation, through, atMs }) => operation.startsWith('probe read') && !isHit(through.name, atMs),
  );
  const sent = [...log.sentBy].filter(([operation]) => operation.startsWith('probe read')).reduce((sum, [, count]) => sum + count, 0);
  const reasons = [...new Set(failed.map(({ operation, reason }) => `${operation}: ${reason}`))];
  process.stdout.write(`${sent} reads, ${missing.length} did not show the newest write; failed: ${reasons.join('; ') || 'none'}\n`);
  return { what: 'reads failed, all of these', goal: '0', seen: String(failed.length), runs: faults.length, met: failed.length === 0 };
}

/** When each epoch was first seen: within one the in-sync set changes. */
function epochsOf({ view }: ReplicatedCluster): readonly Configuration[] {
  const seen = new Set<string>();
  return view.configurations.filter(({ shard, epoch }) => {
    const name = `${shard} ${epoch}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

interface NodeSight {
  readonly node: string;
  readonly leads: readonly string[];
}

function nodesBy({ view }: ReplicatedCluster): readonly NodeSight[] {
  return [...view.nodes().keys()].map((node) => ({
    node,
    leads: [...view.rolesOf([node])].flatMap(([shard, role]) => (role === 'primary' ? [shard] : [])),
  }));
}

/** A node that leads some shard, all of whose shards have had their primary for long enough. */
async function restedPrimary(cluster: ReplicatedCluster): Promise<string> {
  for (;;) {
    const epochs = epochsOf(cluster);
    const isRested = (shard: string): boolean => {
      const newest = epochs.findLast((each) => each.shard === shard);
      return newest === undefined || newest.epoch === 1 || now() - newest.atMs > restMs;
    };
    const rested = nodesBy(cluster).find(({ leads }) => leads.length > 0 && leads.every(isRested));
    if (rested !== undefined) return rested.node;
    await sleep(200);
  }
}

function tell(faults: readonly FaultRecord[], probes: Probes, cluster: ReplicatedCluster): void {
  const newest = pausesAfter(faults.slice(-2), probes.answers, epochsOf(cluster));
  const words = newest.map(
    ({ fault, role, writeMs, readMs }) => `${fault.words} (${role}): ${writeMs?.toFixed(0)}/${readMs?.toFixed(0)} ms`,
  );
  process.stdout.write(`${faults.length}. ${words.join(', ')}\n`);
}
