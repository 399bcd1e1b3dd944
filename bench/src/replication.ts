/**
 * What copies cost and how long clients wait when one is lost, on a local cluster of three nodes, beside the goals.
 *
 *   node bench/src/replication.ts [writes] [reads] [hand-over] [failover] [catch-up] [shards]
 *     [--rounds 8] [--moves 1000] [--kills 30] [--stops 15] [--collections 10] [--logs FOLDER]
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCatchUp } from './replication/catch-up.ts';
import { measureFailover } from './replication/failover.ts';
import { printFindings, type Finding } from './finding.ts';
import { measureHandOver } from './replication/hand-over.ts';
import { measureManyShards } from './replication/many-shards.ts';
import { measureReadCost } from './replication/read-cost.ts';
import { ReplicatedCluster } from './replication/replicated-cluster.ts';
import { measureWriteCost } from './replication/write-cost.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '8' },
    moves: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '30' },
    stops: { type: 'string', default: '15' },
    logs: { type: 'string' },
    collections: { type: 'string', default: '10' },
  },
});
const parts: Readonly<Record<string, (cluster: ReplicatedCluster) => Promise<readonly Finding[]>>> = {
  writes: (cluster) => measureWriteCost(cluster, Number(values.rounds)),
  reads: (cluster) => measureReadCost(cluster, Number(values.rounds)),
  'hand-over': (cluster) => measureHandOver(cluster, Number(values.moves)),
  failover: (cluster) => measureFailover(cluster, { kills: Number(values.kills), stops: Number(values.stops) }),
  'catch-up': (cluster) => measureCatchUp(cluster),
  shards: (cluster) => measureManyShards(cluster, Number(values.collections)),
};

const chosen = positionals.length > 0 ? positionals : Object.keys(parts);
const findings: Finding[] = [];
for (const name of chosen) {
  const part = parts[name];
  if (part === undefined) throw new Error(`no measurement is called ${name}; there are ${Object.keys(parts).join(', ')}`);
  await using cluster = await ReplicatedCluster.start();
  try {
    findings.push(...(await part(cluster)));
  } catch (error) {
    if (values.logs !== undefined) await cluster.local.keepLogs(values.logs);
    throw error;
  }
}
printFindings(findings);
process.stdout.write(
  `load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}\n`,
);
