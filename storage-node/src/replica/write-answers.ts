/** Writes in the log that wait to be answered. */
import type { WriteLevel } from '../shard/shard.ts';

interface Waiting {
  readonly sequence: bigint;
  readonly level: WriteLevel;
  readonly answer: PromiseWithResolvers<void>;
}

/** Writes of one shard that are logged and not answered yet: a copy that shows nothing is waited for until it is out of the set. */
const waitingMax = 16_384;

export class WriteAnswers {
  #waiting: Waiting[] = [];
  readonly #reached: Record<WriteLevel, bigint> = { committed: 0n, applied: 0n };

  get isFull(): boolean {
    return this.#waiting.length >= waitingMax;
  }

  /** Resolves once the entry has reached the level; rejects with the reason of `refuse`. */
  until(sequence: bigint, level: WriteLevel): Promise<void> {
    if (sequence <= this.#reached[level]) return Promise.resolve();
    const answer = Promise.withResolvers<void>();
    this.#waiting.push({ sequence, level, answer });
    return answer.promise;
  }

  reached(upTo: bigint, level: WriteLevel): void {
    if (upTo <= this.#reached[level]) return;
    this.#reached[level] = upTo;
    const due = (each: Waiting): boolean => each.level === level && each.sequence <= upTo;
    const answered = this.#waiting.filter(due);
    if (answered.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => !due(each));
    for (const { answer } of answered) answer.resolve();
  }

  /** This replica orders writes no more: what becomes of them is for the next primary to say. */
  refuse(reason: Error): void {
    this.#reached.committed = 0n;
    this.#reached.applied = 0n;
    for (const { answer } of this.#waiting.splice(0)) answer.reject(reason);
  }
}
