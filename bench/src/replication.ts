/**
 * What copies cost and how long clients wait when one is lost, on a local cluster of three nodes, beside the goals.
 *
 *   node bench/src/replication.ts [writes] [reads] [--rounds 8]
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { printFindings, type Finding } from './replication/finding.ts';
import { ReplicatedCluster } from './replication/replicated-cluster.ts';
import { measureWriteCost } from './replication/write-cost.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '8' } },
});
const rounds = Number(values.rounds);
const parts: Readonly<Record<string, (cluster: ReplicatedCluster) => Promise<readonly Finding[]>>> = {
  writes: (cluster) => measureWriteCost(cluster, rounds),
};

const chosen = positionals.length > 0 ? positionals : Object.keys(parts);
const findings: Finding[] = [];
for (const name of chosen) {
  const part = parts[name];
  if (part === undefined) throw new Error(`no measurement is called ${name}; there are ${Object.keys(parts).join(', ')}`);
  await using cluster = await ReplicatedCluster.start();
  findings.push(...(await part(cluster)));
}
printFindings(findings);
process.stdout.write(
  `load average ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}\n`,
);
