/** What must be so when a write is answered. */
import type { VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import type { AnsweredWrite } from '../node/answering-shard.ts';
import type { Ledger } from './ledger.ts';
import { Violation } from './violation.ts';

export function brokenByAnswer(write: AnsweredWrite, status: VectorShardStatus | undefined, ledger: Ledger): Violation | undefined {
  const { replicaId, position, level } = write;
  const { inSync = [], members = [], minInSync = 1 } = status ?? {};
  const entry = `entry ${position.sequence}`;
  const lacking = inSync.find((each) => !ledger.holds(each, position));
  if (lacking !== undefined) {
    return new Violation(
      'I4',
      `${replicaId} acknowledged ${entry} of epoch ${position.epoch}, and ${lacking}, which is in sync, does not hold it`,
    );
  }
  const blind = level === 'applied' ? inSync.find((each) => each !== replicaId && !ledger.hasShown(each, position.sequence)) : undefined;
  if (blind !== undefined) {
    return new Violation('read your writes', `${entry} was answered as applied, and ${blind}, which is in sync, never showed it`);
  }
  const holders = members.filter((member) => ledger.holds(member.replicaId, position)).length;
  return holders < minInSync ? new Violation('I12', `${entry} was acknowledged, and ${holders} hold it, not ${minInSync}`) : undefined;
}
