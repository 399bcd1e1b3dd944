/** What may happen to a VectorShard, whoever writes it: looked at as the API server stores it. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';

export interface ObjectChange {
  readonly before: VectorShard | undefined;
  readonly after: VectorShard;
  /** Name of the process: `operator-…` or a node's. */
  readonly writer: string;
}

export function checkObject({ before, after, writer }: ObjectChange, ledger: Ledger): void {
  const { epoch = 0, primary, inSync = [], members = [] } = after.status ?? {};
  const { epoch: epochBefore = 0, primary: primaryBefore, inSync: inSyncBefore = [] } = before?.status ?? {};
  const name = after.metadata.name;
  if (epoch !== epochBefore && epoch !== epochBefore + 1) throw new Violation('I1', `${name}: epoch ${epoch} follows ${epochBefore}`);
  if (epoch === epochBefore && primary !== primaryBefore && epoch > 0)
    throw new Violation('I2', `${name}: another primary in epoch ${epoch}`);
  if (epoch > 0 && (primary === undefined || !inSync.includes(primary))) throw new Violation('I9', `${name}: the primary is not in sync`);
  const kindOf = (id: string) => members.find(({ replicaId }) => replicaId === id)?.kind;
  if (inSync.some((id) => kindOf(id) !== 'Voter')) throw new Violation('I21', `${name}: in sync is one that is no voter`);
  const isOperator = writer.startsWith('operator');
  if (epoch !== epochBefore) {
    if (!isOperator) throw new Violation('I1', `${name}: ${writer} began epoch ${epoch}`);
    if (epochBefore > 0 && !inSyncBefore.includes(primary ?? ''))
      throw new Violation('I3', `${name}: ${primary} was not in sync before epoch ${epoch}`);
    const history = ledger.history(after.metadata.uid ?? '');
    const acknowledged = history.highestAcknowledged;
    if (primary !== undefined && acknowledged.sequence > 0n && !ledger.holds(primary, acknowledged)) {
      throw new Violation(
        'I4',
        `${name}: the primary of epoch ${epoch} does not hold entry ${acknowledged.sequence} of epoch ${acknowledged.epoch}, which was acknowledged`,
      );
    }
    return;
  }
  const changed = [...inSync.filter((id) => !inSyncBefore.includes(id)), ...inSyncBefore.filter((id) => !inSync.includes(id))];
  if (changed.length > 1) throw new Violation('I9', `${name}: in sync changed by ${changed.length} within epoch ${epoch}`);
  const { highestAcknowledged } = ledger.history(after.metadata.uid ?? '');
  const joined = inSync.find((id) => !inSyncBefore.includes(id));
  if (joined !== undefined && highestAcknowledged.sequence > 0n && !ledger.holds(joined, highestAcknowledged)) {
    throw new Violation(
      'I5',
      `${name}: ${joined} is in sync now and does not hold entry ${highestAcknowledged.sequence}, which was acknowledged`,
    );
  }
  const leader = members.find(({ replicaId }) => replicaId === primary)?.node;
  if (changed.length > 0 && writer !== leader) throw new Violation('I2', `${name}: ${writer} changed inSync, and ${leader} leads`);
}
