import { stateHash } from '@vectorcluster/storage-node/snapshot/state-hash.ts';
import type { Machine } from '../node/machine.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';

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
