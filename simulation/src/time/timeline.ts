/**
 * The only time there is: what is to happen, in order. Each happening is followed to its end (all promises that it settled) before the
 * next, so that a seed decides everything.
 */
import { TraceHash } from './trace-hash.ts';

/** Whose doing it is: what a process that has ended was about to do does not happen, and one that is stopped does it later. */
export interface Doer {
  readonly name: string;
  readonly isAlive: boolean;
  /** Takes it over, to be done when the process goes on; undefined when it runs. */
  readonly postpone: ((happening: () => void) => void) | undefined;
}

interface Happening {
  readonly at: number;
  readonly number: number;
  readonly name: string;
  readonly doer: Doer | undefined;
  readonly act: () => void;
  isCancelled: boolean;
}

export class Timeline {
  readonly trace = new TraceHash();
  readonly #heap: Happening[] = [];
  /** After each happening, with whose it was. */
  readonly #afterEach: (doer: Doer | undefined) => void;
  #now = 0;
  #number = 0;
  #happened = 0;

  constructor(afterEach: (doer: Doer | undefined) => void) {
    this.#afterEach = afterEach;
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  get happened(): number {
    return this.#happened;
  }

  after(ms: number, name: string, act: () => void, doer?: Doer): Disposable {
    const happening: Happening = { at: this.#now + Math.max(0, ms), number: (this.#number += 1), name, doer, act, isCancelled: false };
    push(this.#heap, happening);
    return {
      [Symbol.dispose]: () => {
        happening.isCancelled = true;
      },
    };
  }

  /** Lets time pass until `end`, or until `isOver` says so. */
  async run(end: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      pop(this.#heap);
      if (next.isCancelled || next.doer?.isAlive === false) continue;
      this.#now = next.at;
      const { postpone } = next.doer ?? {};
      if (postpone !== undefined) {
        postpone(() => {
          if (!next.isCancelled) next.act();
        });
        continue;
      }
      this.#happened += 1;
      this.trace.add(`${next.at.toFixed(3)} ${next.doer?.name ?? ''} ${next.name}`);
      next.act();
      await settled();
      this.#afterEach(next.doer);
    }
    if (!isOver()) this.#now = Math.max(this.#now, end);
  }
}

/** All promises that can settle by themselves have. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at === b.at ? a.number < b.number : a.at < b.at;
}

function push(heap: Happening[], happening: Happening): void {
  let at = heap.length;
  heap.push(happening);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || isBefore(above, happening)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = happening;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    let least = left;
    if (right !== undefined && isBefore(right, left)) {
      least = right;
      child += 1;
    }
    if (isBefore(last, least)) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = last;
}
