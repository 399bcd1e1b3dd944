/** Why a stream was ended. The label of a metric: a small, closed set. */
export type CloseReason =
  | 'foreign cluster'
  | 'wrong node'
  | 'unknown version'
  | 'too many greetings'
  | 'no hello'
  | 'bad frame'
  | 'bad message'
  | 'window exceeded'
  | 'replaced by a newer stream'
  | 'address changed'
  | 'no longer a peer'
  | 'silent'
  | 'queue overrun'
  | 'handler failed'
  | 'closed by the other side'
  | 'stopping';

/** What came in, or was about to go out, ends the stream. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly reason: CloseReason;
  constructor(reason: CloseReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A message that no link carries; whoever made it should have made several. */
export class LinkMessageTooLargeError extends Error {
  override readonly name = 'LinkMessageTooLargeError';
  readonly bytes: number;
  constructor(bytes: number, most: number) {
    super(`a message of ${bytes} bytes is above the limit of ${most}`);
    this.bytes = bytes;
  }
}
