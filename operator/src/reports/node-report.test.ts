import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ReplicaRole, WatchResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { describe, expect, test } from 'vitest';
import { decodeReport, MalformedReportError } from './node-report.ts';

type Report = MessageInitShape<typeof WatchResponseSchema>;

const replica = { shard: 's', replicaId: 'r', role: ReplicaRole.LEADING, epoch: 3n, applied: 2n ** 63n, points: 7n, serves: true };
const decode = (report: Report) => decodeReport(create(WatchResponseSchema, { number: 1n, node: 'n', podUid: 'u', ...report }));

test('a report becomes plain values', () => {
  const peers = [
    { node: 'open', connected: true, silentMs: 20n },
    { node: 'closed', connected: false, silentMs: 700n, closedForMs: 300n },
    { node: 'never', connected: false, closedForMs: 4000n },
  ];
  expect(decode({ peers, replicas: [replica], gone: ['q'], volume: { usedBytes: 5n, freeBytes: 9n } })).toEqual({
    number: 1n,
    node: 'n',
    podUid: 'u',
    peers: new Map([
      ['open', { isConnected: true, closedForMs: undefined, silentMs: 20 }],
      ['closed', { isConnected: false, closedForMs: 300, silentMs: 700 }],
      ['never', { isConnected: false, closedForMs: 4000, silentMs: 4000 }],
    ]),
    volume: { usedBytes: 5, freeBytes: 9 },
    replicas: [
      {
        shard: 's',
        replicaId: 'r',
        epoch: 3,
        role: 'leading',
        serves: true,
        applied: 2n ** 63n,
        points: 7,
        because: undefined,
        drainedTo: undefined,
      },
    ],
    gone: ['q'],
  });
});

describe('refused is', () => {
  test.for<[string, Report]>([
    ['a report without number', { number: 0n }],
    ['a report of nobody', { node: '' }],
    ['a report of no Pod', { podUid: '' }],
    ['a replica without id', { replicas: [{ ...replica, replicaId: '' }] }],
    ['a replica of no shard', { replicas: [{ ...replica, shard: '' }] }],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a later version may send
    ['a role of a later version', { replicas: [{ ...replica, role: 9 as ReplicaRole }] }],
    ['a replica without role', { replicas: [{ ...replica, role: ReplicaRole.UNSPECIFIED }] }],
    ['an epoch that no object holds', { replicas: [{ ...replica, epoch: 2n ** 60n }] }],
  ])('%s', ([, report]) => {
    expect(() => decode(report)).toThrow(MalformedReportError);
  });
});
