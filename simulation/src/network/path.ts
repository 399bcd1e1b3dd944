/** One direction between two places: how long things take, and whether anything passes. What is sent into a cut waits, as TCP lets it. */
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';

/** What is sent one after the other arrives so. */
export class Stream {
  lastAt = 0;
  readonly waiting: (() => void)[] = [];
}

export class Path {
  readonly #chance: Chance;
  readonly #held: (() => void)[] = [];
  #isCut = false;
  /** Usual milliseconds from one end to the other. */
  delayMs: number;

  constructor(chance: Chance, delayMs: number) {
    this.#chance = chance;
    this.delayMs = delayMs;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const arrive of this.#held.splice(0)) arrive();
  }

  draw(): number {
    return this.#chance.skewed(this.delayMs, this.delayMs * 20);
  }

  /** `act` is done by `receiver` when it arrives; not before what was sent on the same stream before. */
  deliver(receiver: Process, name: string, act: () => void, stream: Stream, now: number): void {
    const at = Math.max(now + this.draw(), stream.lastAt);
    stream.lastAt = at;
    stream.waiting.push(act);
    receiver.happens(at - now, name, () => this.#arrive(receiver, name, stream));
  }

  /** Whatever is first has its turn: so a pause of the receiver or a cut changes no order. */
  #arrive(receiver: Process, name: string, stream: Stream): void {
    if (this.#isCut) this.#held.push(() => void receiver.happens(this.delayMs, name, () => this.#arrive(receiver, name, stream)));
    else stream.waiting.shift()?.();
  }
}
