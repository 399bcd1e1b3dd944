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
  readonly #usualMs: number;
  /** Troubles may overlap: a way is whole again when the last of them has ended. */
  readonly #cuts = new Set<object>();
  readonly #slowings = new Set<{ readonly ms: number }>();

  /** `usualMs` from one end to the other. */
  constructor(chance: Chance, usualMs: number) {
    this.#chance = chance;
    this.#usualMs = usualMs;
  }

  get isCut(): boolean {
    return this.#cuts.size > 0;
  }

  /** Call the result to end it. */
  cut(): () => void {
    const cut = {};
    this.#cuts.add(cut);
    return () => {
      this.#cuts.delete(cut);
      this.#letPass();
    };
  }

  /** Everything takes so many milliseconds. Call the result to end it. */
  slow(ms: number): () => void {
    const slowing = { ms };
    this.#slowings.add(slowing);
    return () => void this.#slowings.delete(slowing);
  }

  /** All troubles end. */
  heal(): void {
    this.#slowings.clear();
    this.#cuts.clear();
    this.#letPass();
  }

  #letPass(): void {
    if (!this.isCut) for (const arrive of this.#held.splice(0)) arrive();
  }

  draw(): number {
    return this.#chance.skewed(this.#delayMs, this.#delayMs * 20);
  }

  get #delayMs(): number {
    let most = this.#usualMs;
    for (const { ms } of this.#slowings) if (ms > most) most = ms;
    return most;
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
    if (this.isCut) this.#held.push(() => void receiver.happens(this.#delayMs, name, () => this.#arrive(receiver, name, stream)));
    else stream.waiting.shift()?.();
  }
}
