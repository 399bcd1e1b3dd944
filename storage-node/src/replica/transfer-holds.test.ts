import { expect, test } from 'vitest';
import type { Configuration } from '../replication/configuration.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import { startReplica, type Leader } from '../replication/replica.ts';
import { isLeader, step } from '../replication/step.ts';
import { Retention } from './retention.ts';
import { TransferHolds } from './transfer-holds.ts';

const configuration: Configuration = {
  version: '1',
  epoch: 1n,
  primary: 'a',
  inSync: ['a'],
  minInSync: 1,
  handOverTo: undefined,
  members: ['a', 'b'].map((replicaId) => ({ replicaId, node: replicaId, kind: 'Voter' })),
};

/** Of so many entries b has as many as given. */
function leader(entries: number, matched: bigint): Leader {
  const events: readonly ReplicaEvent[] = [
    { kind: 'configuration-seen', configuration },
    { kind: 'epoch-persisted', epoch: 1n },
  ];
  const replica = events.reduce((before, event) => step(before, event)[0], startReplica({ shard: 's', replicaId: 'a', epoch: 0n }));
  const peer = isLeader(replica) ? replica.role.peers.get('b') : undefined;
  if (!isLeader(replica) || peer === undefined) throw new Error('it leads');
  const peers = new Map([['b', { ...peer, matched }]]);
  return { ...replica, log: { ...replica.log, last: BigInt(entries) }, role: { ...replica.role, peers } };
}

test('what comes behind a snapshot is held until its receiver has caught up', () => {
  const holds = new TransferHolds();
  expect(holds.needless(leader(100_000, 0n))).toBeUndefined();
  holds.began('b', 10_000n, 0n);
  expect(holds.needless(leader(100_000, 0n))).toBe(10_000n);
  expect(holds.needless(leader(100_000, 50_000n))).toBe(50_000n);
  expect(holds.needless(leader(100_000, 99_000n))).toBeUndefined();
  expect(holds.needless(leader(200_000, 99_000n))).toBeUndefined();
});

test('told of again, the transfer goes on with what it began, unless that is of no use any more', () => {
  const holds = new TransferHolds();
  holds.began('b', 10_000n, 0n);
  holds.began('b', 20_000n, 5_000n);
  expect(holds.needless(leader(100_000, 0n))).toBe(10_000n);
  holds.began('b', 30_000n, 15_000n);
  expect(holds.needless(leader(100_000, 0n))).toBe(30_000n);
});

test('a replica that is no member any more holds nothing', () => {
  const holds = new TransferHolds();
  holds.began('c', 10_000n, 0n);
  expect(holds.needless(leader(100_000, 0n))).toBeUndefined();
});

/** Snapshots that one replica takes one after the other, while so many bytes are written in the time of each. */
function transfersUntilCaughtUp(bytesEach: number, transferBytes: number): number {
  const retention = new Retention(0n);
  const holds = new TransferHolds();
  const limits = { bytes: 100_000, ms: 1_000, transferBytes };
  let [last, cut] = [10_000, 0n];
  for (let transfers = 1; transfers <= 5; transfers += 1) {
    const snapshot = BigInt(last);
    holds.began('b', snapshot, cut);
    for (let written = 0; written < bytesEach; written += 100_000) {
      last += 1_000;
      retention.appended(BigInt(last), 100_000, transfers * 10_000);
      cut = retention.floor(limits, transfers * 10_000 + 9_000, holds.needless(leader(last, 0n)));
    }
    if (cut <= snapshot) return transfers;
  }
  return Infinity;
}

test.for([
  [1_000_000, 0, Infinity],
  [1_000_000, 2_000_000, 1],
  [8_000_000, 2_000_000, Infinity],
] as const)('%i bytes written meanwhile, %i held: %i transfers', ([bytes, held, transfers]) => {
  expect(transfersUntilCaughtUp(bytes, held)).toBe(transfers);
});
