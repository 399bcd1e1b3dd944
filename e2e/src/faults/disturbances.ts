/** When nodes could not hear one another, so that a replica may for a while not know that it was left behind. */
import type { FaultKind } from './fault.ts';

const silencing: readonly FaultKind[] = ['pause', 'two-primaries', 'cut', 'isolate', 'slow-link', 'lossy-link'];
/** A replica that hears again first has to be told what it missed. */
const recoveryMs = 3000;

export class Disturbances {
  readonly #spans: { readonly fromMs: number; toMs: number }[] = [];

  /** Call what is returned when the fault is over. */
  begin(kind: FaultKind, fromMs: number): (toMs: number) => void {
    if (!silencing.includes(kind)) return () => {};
    const span = { fromMs, toMs: Infinity };
    this.#spans.push(span);
    return (toMs) => {
      span.toMs = toMs;
    };
  }

  calm(fromMs: number, toMs: number): boolean {
    return this.#spans.every((span) => span.toMs + recoveryMs < fromMs || span.fromMs > toMs);
  }
}
