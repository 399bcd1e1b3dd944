/**
 * Numbers of the heartbeats on one connection, and what their echoes prove: that the other side heard what we sent at a time of our own
 * clock. Each new number is echoed at once, since a proof is worth as much as it is young; and once more in the next heartbeat.
 */
import { LinkError } from './link-error.ts';
import { maxUnechoedBeats, silentBeats } from './link-limits.ts';

export interface Beat {
  readonly number: number;
  readonly echo: number;
}

export interface Heard {
  /** To be sent at once. */
  readonly answer?: Beat | undefined;
  readonly roundTripMs?: number | undefined;
}

export class Heartbeats {
  #number = 0;
  #received = 0;
  #echoed = 0;
  #lastEchoedAt: number | undefined;
  #beatsSinceFrame = 0;
  /** When ours were sent that are not echoed yet: that of number `echoed + 1` first. */
  readonly #sentAt: number[] = [];

  get lastEchoedAt(): number | undefined {
    return this.#lastEchoedAt;
  }

  /** The next heartbeat of ours. Throws LinkError 'silent' when the other side is to be given up. */
  next(now: number): Beat {
    if (this.#beatsSinceFrame >= silentBeats) throw new LinkError('silent', `nothing came during ${silentBeats} heartbeats`);
    if (this.#sentAt.length >= maxUnechoedBeats) throw new LinkError('silent', `${maxUnechoedBeats} heartbeats were not echoed`);
    this.#beatsSinceFrame++;
    this.#sentAt.push(now);
    return { number: ++this.#number, echo: this.#received };
  }

  frameCame(): void {
    this.#beatsSinceFrame = 0;
  }

  /** Throws LinkError 'bad frame' for what no partner would say. */
  heard({ number, echo }: Beat, now: number): Heard {
    if (echo > this.#number) throw new LinkError('bad frame', `echo of heartbeat ${echo}, of which ${this.#number} were sent`);
    if (number !== 0 && number !== this.#received + 1) {
      throw new LinkError('bad frame', `heartbeat ${number} follows heartbeat ${this.#received}`);
    }
    const sentAt = this.#sentAt.splice(0, echo - this.#echoed).at(-1);
    this.#echoed = Math.max(echo, this.#echoed);
    this.#lastEchoedAt = sentAt ?? this.#lastEchoedAt;
    const roundTripMs = sentAt === undefined ? undefined : now - sentAt;
    if (number === 0) return { roundTripMs };
    this.#received = number;
    return { roundTripMs, answer: { number: 0, echo: number } };
  }
}
