/** Expected outcomes of a peer call that are not results, to and from our error classes. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Refusal, RefusalSchema } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import {
  BadInputError,
  HistoryLostError,
  InsufficientStorageError,
  NotPrimaryError,
  NotSupportedError,
  OverloadedError,
  ShardUnavailableError,
} from '../../errors.ts';

type RefusalInit = MessageInitShape<typeof RefusalSchema>;

/** The shard's replica is not open in the process asked; it may be elsewhere, opening, or gone. */
export class UnknownShardError extends ShardUnavailableError {
  constructor(shard: string) {
    super(`shard ${shard} is not open on the node asked`);
  }
}

/** A refusal made by another node, whose text needs no more words around it. */
class RemoteNotSupportedError extends NotSupportedError {
  constructor(message: string) {
    super('');
    this.message = message;
  }
}

/** Undefined for what should not happen: it becomes a status code and is logged where it happened. */
export function encodeRefusal(error: unknown): RefusalInit | undefined {
  if (error instanceof NotPrimaryError) return { reason: { case: 'notPrimary', value: { epoch: error.epoch } } };
  if (error instanceof UnknownShardError) return { reason: { case: 'unknownShard', value: {} } };
  if (error instanceof BadInputError) return { reason: { case: 'badInput', value: error.message } };
  if (error instanceof NotSupportedError) return { reason: { case: 'notSupported', value: error.message } };
  if (error instanceof OverloadedError) {
    const { message, retryAfterSeconds } = error;
    return { reason: { case: 'overloaded', value: { message, retryAfterSeconds } } };
  }
  if (error instanceof InsufficientStorageError) return { reason: { case: 'insufficientStorage', value: error.message } };
  if (error instanceof HistoryLostError) return { reason: { case: 'historyLost', value: error.message } };
  if (error instanceof ShardUnavailableError) return { reason: { case: 'unavailable', value: error.message } };
  return undefined;
}

export function decodeRefusal({ reason }: Refusal, shard: string): Error {
  switch (reason.case) {
    case 'notPrimary':
      return new NotPrimaryError(shard, reason.value.epoch);
    case 'unknownShard':
      return new UnknownShardError(shard);
    case 'badInput':
      return new BadInputError(reason.value);
    case 'notSupported':
      return new RemoteNotSupportedError(reason.value);
    case 'overloaded':
      return new OverloadedError(reason.value.message, reason.value.retryAfterSeconds);
    case 'insufficientStorage':
      return new InsufficientStorageError(reason.value);
    case 'historyLost':
      return new HistoryLostError(reason.value);
    case 'unavailable':
      return new ShardUnavailableError(reason.value);
    case undefined:
      // A newer node may have reasons this one does not know; asking again is right for all that changed nothing.
      return new ShardUnavailableError(`shard ${shard} refused for a reason this version does not know`);
  }
}
