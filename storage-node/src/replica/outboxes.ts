/** Messages of one replica to all others, each of which has its own queue. */
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { Message } from '../replication/messages.ts';
import type { EntryStore } from './entry-store.ts';
import { Outbox } from './outbox.ts';
import type { ReplicaNetwork } from './ports.ts';

export interface OutboxesOptions {
  readonly entries: EntryStore;
  readonly network: ReplicaNetwork;
  readonly nodeOf: (replicaId: string) => string | undefined;
  readonly epoch: () => bigint;
}

export class Outboxes {
  readonly #options: OutboxesOptions;
  readonly #outboxes = new Map<string, Outbox>();

  constructor(options: OutboxesOptions) {
    this.#options = options;
  }

  post(message: Message): void {
    const known = this.#outboxes.get(message.to);
    const outbox = known ?? this.#open(message.to);
    outbox.post(message);
  }

  /** What waits for that replica was for a connection that is gone. */
  clear(replicaId: string): void {
    this.#outboxes.get(replicaId)?.clear();
  }

  #open(to: string): Outbox {
    const { entries, network, nodeOf, epoch } = this.#options;
    const send = async (sent: LinkMessage): Promise<boolean> => {
      const node = nodeOf(to);
      return node !== undefined && (await network.send(node, sent));
    };
    const outbox = new Outbox({ entries, send, epoch });
    this.#outboxes.set(to, outbox);
    return outbox;
  }
}
