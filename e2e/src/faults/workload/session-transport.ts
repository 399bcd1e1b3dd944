/**
 * Sessions: a token comes back with every answer and goes with the next request, to whichever node. Stock clients do not show headers of
 * answers, so this one is plain HTTP.
 */
import { z } from 'zod';
import type { RestConnection } from './connections.ts';
import { collection, generationsOf, pointBody } from './points.ts';
import type { SlotTransport } from './slot-client.ts';
import type { SlotRecord } from './slot-record.ts';

const header = 'x-vector-session';
const asking = { 'content-type': 'application/json', 'x-vector-consistency': 'session' };
const timeoutMs = 5000;
const retrieved = z.looseObject({ result: z.array(z.unknown()) });

export class Session {
  readonly name: string;
  #token: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether the server gives tokens at all. */
  get known(): boolean {
    return this.#token !== undefined;
  }

  transport(connection: RestConnection): SlotTransport {
    const points = `${connection.url}/collections/${collection}/points`;
    return {
      through: connection.through,
      send: async (slot, change, wait) => {
        if (change.kind === 'delete') await this.#send('POST', `${points}/delete?wait=${wait}`, { points: slot.ids });
        else if (change.kind === 'set-payload') {
          await this.#send('POST', `${points}/payload?wait=${wait}`, { points: slot.ids, payload: { generation: change.generation } });
        } else {
          await this.#send('PUT', `${points}?wait=${wait}`, {
            points: slot.ids.map((id) => pointBody(id, slot.number, change.generation)),
          });
        }
      },
    };
  }

  async read(connection: RestConnection, slot: SlotRecord): Promise<ReadonlyMap<number, number>> {
    const answer = await this.#send('POST', `${connection.url}/collections/${collection}/points`, { ids: slot.ids, with_payload: true });
    return generationsOf(retrieved.parse(answer).result);
  }

  async #send(method: string, url: string, value: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method,
      headers: { ...asking, ...(this.#token !== undefined && { [header]: this.#token }) },
      body: JSON.stringify(value),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new SessionRequestError(response.status, answer);
    this.#token = response.headers.get(header) ?? this.#token;
    return answer;
  }
}

class SessionRequestError extends Error {
  override readonly name = 'SessionRequestError';
  readonly status: number;
  readonly data: unknown;

  constructor(status: number, data: unknown) {
    super(`HTTP ${status}`);
    this.status = status;
    this.data = data;
  }
}
