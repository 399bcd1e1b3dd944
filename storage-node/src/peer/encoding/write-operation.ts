/** Writes between the model and the peer contract. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  PointSelection as SelectionMessage,
  PointSelectionSchema,
  WriteRequest,
  WriteRequestSchema,
} from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import { pointIdKey } from '../../model/point-id.ts';
import type { PointSelection, WriteOperation } from '../../model/write-operation.ts';
import { decodeFilter, encodeFilter } from './filter-json.ts';
import { decodePayload, encodePayload } from './payload-json.ts';
import { decodeId, decodePoint, encodePoint } from './points.ts';

type OperationInit = NonNullable<MessageInitShape<typeof WriteRequestSchema>['operation']>;

export function encodeOperation(operation: WriteOperation): OperationInit {
  switch (operation.kind) {
    case 'upsert':
      return { case: 'upsert', value: { points: operation.points.map(encodePoint) } };
    case 'delete':
      return { case: 'delete', value: { selection: encodeSelection(operation.selection) } };
    case 'set-payload':
      return {
        case: 'setPayload',
        value: { selection: encodeSelection(operation.selection), payloadJson: encodePayload(operation.payload) },
      };
  }
}

export function decodeOperation({ operation }: WriteRequest): WriteOperation {
  switch (operation.case) {
    case 'upsert':
      return { kind: 'upsert', points: operation.value.points.map(decodePoint) };
    case 'delete':
      return { kind: 'delete', selection: decodeSelection(operation.value.selection) };
    case 'setPayload': {
      const { selection, payloadJson } = operation.value;
      return { kind: 'set-payload', selection: decodeSelection(selection), payload: decodePayload(payloadJson) };
    }
    case undefined:
      throw new TypeError('a write without an operation');
  }
}

function encodeSelection(selection: PointSelection): MessageInitShape<typeof PointSelectionSchema> {
  return selection.kind === 'ids' ? { ids: selection.ids.map(pointIdKey) } : { filterJson: encodeFilter(selection.filter) };
}

function decodeSelection(message: SelectionMessage | undefined): PointSelection {
  if (message === undefined) throw new TypeError('a write without a selection of points');
  return message.filterJson === undefined
    ? { kind: 'ids', ids: message.ids.map(decodeId) }
    : { kind: 'filter', filter: decodeFilter(message.filterJson) };
}
