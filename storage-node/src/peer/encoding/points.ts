/** Points and records between the model and the peer contract. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  NamedVector,
  NamedVectorSchema,
  Point as PointMessage,
  PointSchema,
  Record as RecordMessage,
  RecordSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { NamedVectors, Point, PointRecord } from '../../model/point.ts';
import { pointIdFromKey, pointIdKey, type PointId } from '../../model/point-id.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import { decodePayload, encodePayload } from './payload-json.ts';

export function decodeId(key: Uint8Array): PointId {
  return pointIdFromKey(Buffer.from(key.buffer, key.byteOffset, key.byteLength));
}

export function encodePoint(point: Point): MessageInitShape<typeof PointSchema> {
  return { id: pointIdKey(point.id), vectors: encodeVectors(point.vectors), payloadJson: encodePayload(point.payload) };
}

export function decodePoint(message: PointMessage): Point {
  return { id: decodeId(message.id), vectors: decodeVectors(message.vectors), payload: decodePayload(message.payloadJson) };
}

export function encodeRecord({ id, payload, vectors }: PointRecord): MessageInitShape<typeof RecordSchema> {
  return {
    id: pointIdKey(id),
    ...(payload !== undefined && { payloadJson: encodePayload(payload) }),
    ...(vectors !== undefined && { hasVectors: true, vectors: encodeVectors(vectors) }),
  };
}

export function decodeRecord(message: RecordMessage): PointRecord {
  return {
    id: decodeId(message.id),
    payload: message.payloadJson && decodePayload(message.payloadJson),
    vectors: message.hasVectors ? decodeVectors(message.vectors) : undefined,
  };
}

export function encodeVectors(vectors: NamedVectors): MessageInitShape<typeof NamedVectorSchema>[] {
  return Array.from(vectors, ([name, values]) => ({ name, values: packFloats(values) }));
}

export function decodeVectors(messages: readonly NamedVector[]): NamedVectors {
  return new Map(messages.map(({ name, values }) => [name, unpackFloats(values)]));
}
