import { create, toBinary } from '@bufbuild/protobuf';
import { WatchResponseSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { once } from 'node:events';
import { constants, createServer, type ServerHttp2Stream, type ServerOptions } from 'node:http2';
import { afterEach, expect, test } from 'vitest';
import { playedReplica } from '../../test/reports/played-node.ts';
import type { NodeReport } from './node-report.ts';
import { readReports } from './report-stream.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(answer: (stream: ServerHttp2Stream) => void, options: ServerOptions = {}): Promise<number> {
  const server = createServer(options).listen(0, '127.0.0.1');
  stops.push(() => server.close());
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    answer(stream);
  });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function read(port: number, onReport: (report: NodeReport) => void = () => {}) {
  const identity = { namespace: 'default', cluster: 'shop' };
  return readReports({ address: '127.0.0.1', port, identity, onReport, silenceMs: 60_000 }, new AbortController().signal);
}

test.for([
  ['ends without a word', constants.NGHTTP2_NO_ERROR],
  ['breaks', constants.NGHTTP2_INTERNAL_ERROR],
] as const)('a stream that %s is closed: its node may be gone', async ([, code]) => {
  const port = await serve((stream) => stream.close(code));
  expect(await read(port)).toMatchObject({ kind: 'closed' });
});

test('reports many times the window, with padding and a ping between them', async () => {
  const replicas = Array.from({ length: 3000 }, (_, index) => playedReplica(`shard ${index}`));
  const pinged = Promise.withResolvers<void>();
  const port = await serve(
    (stream) => {
      for (const number of [1n, 2n, 3n]) stream.write(framed({ number, node: 'shop-data-0', podUid: 'uid', replicas }));
      stream.session?.ping((error) => (error === null ? pinged.resolve() : pinged.reject(error)));
      void pinged.promise.then(() => stream.end());
    },
    { paddingStrategy: constants.PADDING_STRATEGY_MAX },
  );
  const reports: NodeReport[] = [];
  expect(await read(port, (report) => reports.push(report))).toEqual({ kind: 'closed', because: 'the node ended the stream' });
  expect(reports.map(({ number, replicas: all }) => [number, all.length, all.at(-1)?.shard])).toEqual(
    [1n, 2n, 3n].map((number) => [number, 3000, 'shard 2999']),
  );
});

function framed(report: Parameters<typeof create<typeof WatchResponseSchema>>[1]): Buffer {
  const message = toBinary(WatchResponseSchema, create(WatchResponseSchema, report));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
