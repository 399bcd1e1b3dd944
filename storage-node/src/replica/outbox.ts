/** Messages to one other replica, in their order. Entries are fetched when their turn comes, so that what waits costs next to nothing. */
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { Message } from '../replication/messages.ts';
import type { EntryStore } from './entry-store.ts';

/** Bodies in one message on the wire; a larger entry goes alone. */
const messageBytes = 1024 * 1024;

export interface OutboxOptions {
  readonly entries: EntryStore;
  /** False when the message is lost: the protocol sends again on a new connection. */
  readonly send: (message: LinkMessage) => Promise<boolean>;
  /** Messages of an older epoch are not worth sending. */
  readonly epoch: () => bigint;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: Message[] = [];
  #running = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  post(message: Message): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && saysMore(message, last)) this.#waiting.pop();
    this.#waiting.push(message);
    if (!this.#running) void this.#run();
  }

  /** The connection is another one: whatever waits for the old one would be answered by nobody. */
  clear(): void {
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        const message = this.#waiting.shift();
        if (message === undefined || message.epoch < this.#options.epoch()) continue;
        if (!(await this.#send(message))) this.clear();
      }
    } finally {
      this.#running = false;
    }
  }

  async #send(message: Message): Promise<boolean> {
    const { send, entries } = this.#options;
    if (message.kind !== 'append' || message.entries.length === 0) return await send({ message, bodies: [] });
    let { previous } = message;
    let rest = message.entries;
    while (rest.length > 0) {
      const [first] = rest;
      const last = rest.at(-1);
      if (first === undefined || last === undefined) return true;
      const bodies = await entries.read(first.sequence, last.sequence, messageBytes).catch(() => []);
      // Released or cut off since: the log has moved on, and so will what is sent next.
      if (bodies.length === 0 || bodies.some(({ epoch }, index) => epoch !== rest[index]?.epoch)) return false;
      const part = rest.slice(0, bodies.length);
      if (!(await send({ message: { ...message, previous, entries: part }, bodies }))) return false;
      previous = part.at(-1) ?? previous;
      rest = rest.slice(bodies.length);
    }
    return true;
  }
}

/** Progress and commit index only grow within an epoch: of two messages that tell nothing else the newer says it all. */
function saysMore(newer: Message, older: Message): boolean {
  if (newer.epoch !== older.epoch) return false;
  if (newer.kind === 'appended') return older.kind === 'appended';
  return newer.kind === 'append' && older.kind === 'append' && older.entries.length === 0;
}
