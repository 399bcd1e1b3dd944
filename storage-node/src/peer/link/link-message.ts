/** What travels between two replicas: a message of the protocol, and the bodies of the entries that it names. */
import type { Message } from '../../replication/messages.ts';

export interface EntryBody {
  readonly requestId: string;
  readonly operation: Uint8Array;
}

export interface LinkMessage {
  readonly message: Message;
  /** Of an append's entries, in their order; empty for every other kind. */
  readonly bodies: readonly EntryBody[];
}
