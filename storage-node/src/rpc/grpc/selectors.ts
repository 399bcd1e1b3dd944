import type { PointsSelector, WithPayloadSelector, WithVectorsSelector } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { PayloadSelector, VectorSelector } from '../../model/point.ts';
import type { PointSelection } from '../../model/write-operation.ts';
import { RequestFormatError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { fromFilter } from './filters.ts';
import { fromPointId } from './point-ids.ts';

export function fromPayloadSelector(message: WithPayloadSelector | undefined, otherwise: boolean): PayloadSelector {
  const options = message?.selectorOptions;
  switch (options?.case) {
    case 'enable':
      return options.value;
    case 'include':
      return { include: options.value.fields };
    case 'exclude':
      return { exclude: options.value.fields };
    case undefined:
      return otherwise;
  }
}

export function fromVectorSelector(message: WithVectorsSelector | undefined): VectorSelector {
  const options = message?.selectorOptions;
  if (options?.case === 'include') return options.value.names;
  return options?.case === 'enable' && options.value;
}

export function fromPointsSelector(message: PointsSelector | undefined, limits: RequestLimits): PointSelection {
  const selector = message?.pointsSelectorOneOf;
  if (selector?.case === 'points') return { kind: 'ids', ids: selector.value.ids.map(fromPointId) };
  const filter = selector?.case === 'filter' ? fromFilter(selector.value, limits) : undefined;
  if (filter === undefined) throw new RequestFormatError('either points or a filter must be given');
  return { kind: 'filter', filter };
}
