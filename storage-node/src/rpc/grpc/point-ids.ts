import { create } from '@bufbuild/protobuf';
import { PointIdSchema, type PointId as PointIdMessage } from '@vectorcluster/proto/gen/qdrant/qdrant_common_pb.ts';
import { parsePointId, type PointId } from '../../model/point-id.ts';
import { RequestFormatError } from '../errors.ts';

export function fromPointId(message: PointIdMessage | undefined): PointId {
  const id = message?.pointIdOptions;
  if (id?.case === 'num') return id.value;
  if (id?.case !== 'uuid') throw new RequestFormatError('a point id is empty');
  const parsed = parsePointId(id.value);
  if (typeof parsed === 'string') return parsed;
  throw new RequestFormatError(`Unable to parse UUID: ${id.value.slice(0, 60)}`);
}

export function toPointId(id: PointId): PointIdMessage {
  const pointIdOptions = typeof id === 'bigint' ? { case: 'num' as const, value: id } : { case: 'uuid' as const, value: id };
  return create(PointIdSchema, { pointIdOptions });
}
