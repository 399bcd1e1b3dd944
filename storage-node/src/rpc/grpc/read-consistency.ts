import { ReadConsistencyType, type ReadConsistency } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { Consistency } from '../../coordinator/consistency.ts';
import type { RequestContext } from '../../coordinator/database.ts';
import { RequestFormatError, RequestRuleError } from '../errors.ts';
import { ofCopies, withConsistency } from '../read-options.ts';

export interface Reading {
  readonly readConsistency?: ReadConsistency | undefined;
}

/** The context of a read, as fresh as its message asks for. */
export function reading({ readConsistency }: Reading, context: RequestContext): RequestContext {
  return readConsistency === undefined ? context : withConsistency(context, consistencyOf(readConsistency));
}

function consistencyOf({ value }: ReadConsistency): Consistency | undefined {
  switch (value.case) {
    case 'factor':
      if (value.value === 0n)
        throw new RequestRuleError('Validation error in body: [read_consistency.factor: value 0 invalid, must be 1 or larger]');
      return ofCopies(value.value);
    case 'type':
      switch (value.value) {
        case ReadConsistencyType.All:
          return ofCopies('all');
        case ReadConsistencyType.Majority:
          return ofCopies('majority');
        case ReadConsistencyType.Quorum:
          return ofCopies('quorum');
      }
      throw new RequestFormatError(`read_consistency.type: unknown value ${String(value.value)}`);
    case undefined:
      throw new RequestFormatError('read_consistency is empty');
  }
}
