import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { HitsSchema, VectorsSchema, type Hits } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import { describe, expect, test } from 'vitest';
import type { ScoredPoint } from '../../model/point.ts';
import { decodeHits, encodeHits } from './hits.ts';

const uuid = '00112233-4455-6677-8899-aabbccddeeff';
const overTheWire = (hits: readonly ScoredPoint[]) =>
  decodeHits(fromBinary(HitsSchema, toBinary(HitsSchema, create(HitsSchema, encodeHits(hits)))));

test('ids of both kinds keep their order', () => {
  const ids = [7n, uuid, 2n ** 64n - 1n, uuid, 0n];
  expect(overTheWire(ids.map((id) => ({ id, score: 0, version: 0 }))).map(({ id }) => id)).toEqual(ids);
});

test('a payload that came as text goes on as that text', () => {
  const payloadJson = Buffer.from('{"n":1.0,  "big":18446744073709551615}');
  const [hit] = overTheWire([{ id: 1n, score: 1, version: 1, payloadJson, payload: { never: 'looked at' } }]);
  expect(Buffer.from(hit?.payloadJson ?? []).toString()).toBe(payloadJson.toString());
  expect(hit?.payload).toMatchObject({ big: 18446744073709551615n });
});

test('a payload is parsed only when somebody looks at it', () => {
  const [hit] = overTheWire([{ id: 1n, score: 1, version: 1, payloadJson: Buffer.from('no JSON') }]);
  expect(() => hit?.payload).toThrow('JSON');
});

describe('columns that do not fit each other are refused', () => {
  const whole = create(
    HitsSchema,
    encodeHits([
      { id: 1n, score: 1, version: 1, payload: {} },
      { id: uuid, score: 0, version: 2, payload: {} },
    ]),
  );
  const misfits: readonly (readonly [string, Partial<Hits>])[] = [
    ['ids', { ids: Buffer.of() }],
    ['scores', { scores: [1] }],
    ['versions', { versions: [] }],
    ['payloads', { payloadJson: [Buffer.from('{}')] }],
    ['vectors', { vectors: [create(VectorsSchema)] }],
  ];
  test.for(misfits)('%s', ([, column]) => {
    expect(() => decodeHits({ ...whole, ...column })).toThrow(TypeError);
  });
});
