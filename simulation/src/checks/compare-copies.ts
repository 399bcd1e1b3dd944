import { stateHash } from '@vectorcluster/storage-node/snapshot/state-hash.ts';
import type { Machine } from '../node/machine.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';

/** All copies of a shard show as much. One shows an entry up to a heartbeat later than the other. */
export function areEven(shard: string, machines: readonly Machine[]): boolean {
  const replicas = machines.map(({ running }) => running?.replicas.find(shard)).filter((replica) => replica !== undefined);
  return new Set(replicas.map(({ appliedSequence }) => appliedSequence)).size <= 1;
}

/** All copies of a shard have come to the same, and to all that was acknowledged. Throws Violation. */
export async function compareCopies(shard: string, machines: readonly Machine[], ledger: Ledger): Promise<void> {
  const states = new Map<string, string>();
  for (const { running } of machines) {
    const replica = running?.replicas.find(shard);
    if (running === undefined || replica === undefined) continue;
    const hash = await stateHash(running.host.documents.snapshot(), replica.replicaId);
    states.set(`${replica.appliedSequence} ${hash}`, replica.replicaId);
  }
  if (states.size > 1) throw new Violation('I17', `copies of ${shard} differ: ${[...states].join('; ')}`);
  const { applied, highestAcknowledged } = ledger.history(shard);
  if (applied < highestAcknowledged.sequence)
    throw new Violation('I4', `entry ${highestAcknowledged.sequence} was acknowledged and is nowhere`);
}
