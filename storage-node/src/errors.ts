/**
 * Operational failures. Each class carries its data; rpc/ maps classes to REST and gRPC codes and texts in one table.
 * Anything that is not a StorageNodeError is a bug: logged once, answered as internal, its text not shown.
 */
export abstract class StorageNodeError extends Error {}

/** The request asks for something that cannot be: wrong dimension, unknown vector name, bad filter. */
export class BadInputError extends StorageNodeError {
  override readonly name = 'BadInputError';
}

export class NotFoundError extends StorageNodeError {
  override readonly name = 'NotFoundError';
}

export class AlreadyExistsError extends StorageNodeError {
  override readonly name = 'AlreadyExistsError';
}

/** Part of the public contract that this version does not serve yet. */
export class NotSupportedError extends StorageNodeError {
  override readonly name = 'NotSupportedError';
  constructor(feature: string) {
    super(`${feature} is not supported yet`);
  }
}

/** The replica addressed is not the primary of the shard in the epoch that is in force. */
export class NotPrimaryError extends StorageNodeError {
  override readonly name = 'NotPrimaryError';
  readonly shard: string;
  readonly epoch: bigint;
  constructor(shard: string, epoch: bigint, options?: ErrorOptions) {
    super(`this node is not the primary of shard ${shard} (epoch ${epoch})`, options);
    this.shard = shard;
    this.epoch = epoch;
  }
}

/** No replica of the shard can be reached or is ready to serve; the request may be sent again. */
export class ShardUnavailableError extends StorageNodeError {
  override readonly name = 'ShardUnavailableError';
}

/** The node itself cannot be reached, or broke the connection. */
export class NodeUnreachableError extends ShardUnavailableError {}

/** What the client has seen is not in the history that is in force: its loss was allowed. Trying again cannot help. */
export class HistoryLostError extends StorageNodeError {
  override readonly name = 'HistoryLostError';
}

export class DeadlineError extends StorageNodeError {
  override readonly name = 'DeadlineError';
}

/** A queue or a budget is full; `retryAfterSeconds` is a hint for the client. */
export class OverloadedError extends StorageNodeError {
  override readonly name = 'OverloadedError';
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Disk or memory is too full to take writes. */
export class InsufficientStorageError extends StorageNodeError {
  override readonly name = 'InsufficientStorageError';
}
