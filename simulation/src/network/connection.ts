/** One connection between two processes and its two ends. Each end learns by itself, and later than it happens, that the other is gone. */
import { Heartbeats, type Beat } from '@vectorcluster/storage-node/peer/link/heartbeats.ts';
import { heartbeatMs } from '@vectorcluster/storage-node/peer/link/link-limits.ts';
import type { LinkMessage } from '@vectorcluster/storage-node/peer/link/link-message.ts';
import type { Process } from '../time/process.ts';
import { Stream, type Path } from './path.ts';

type Frame =
  | { readonly kind: 'beat'; readonly beat: Beat }
  | { readonly kind: 'message'; readonly message: LinkMessage }
  | { readonly kind: 'end' };

export interface EndListener {
  received(message: LinkMessage): void;
  /** `silent`: given up because nothing came. */
  ended(end: End, silent: boolean): void;
}

export class End {
  readonly process: Process;
  readonly #out: Path;
  readonly #worldNow: () => number;
  readonly #listener: EndListener;
  readonly #stream = new Stream();
  readonly #heartbeats = new Heartbeats();
  #other: End | undefined;
  #isOpen = true;
  #timer: Disposable | undefined;
  lastHeardAt: number;

  constructor(process: Process, out: Path, worldNow: () => number, listener: EndListener) {
    this.process = process;
    this.#out = out;
    this.#worldNow = worldNow;
    this.#listener = listener;
    this.lastHeardAt = process.now();
  }

  get isOpen(): boolean {
    return this.#isOpen && this.process.isAlive;
  }

  get lastEchoedAt(): number | undefined {
    return this.#heartbeats.lastEchoedAt;
  }

  begin(other: End): void {
    this.#other = other;
    this.#beat();
  }

  send(message: LinkMessage): boolean {
    if (!this.#isOpen) return false;
    this.#frame({ kind: 'message', message });
    return true;
  }

  /** The other end is told, if that gets through. */
  close(silent = false): void {
    if (!this.#isOpen) return;
    this.#frame({ kind: 'end' });
    this.reset(silent);
  }

  /** Nothing of what is on its way in either direction arrives. */
  reset(silent = false): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#timer?.[Symbol.dispose]();
    if (this.process.isAlive) this.#listener.ended(this, silent);
  }

  #frame(frame: Frame): void {
    const other = this.#other;
    if (other === undefined) return;
    const what = frame.kind === 'message' ? frame.message.message.kind : frame.kind;
    this.#out.deliver(other.process, what, () => other.#took(frame), this.#stream, this.#worldNow());
  }

  #took(frame: Frame): void {
    if (!this.#isOpen) return;
    this.lastHeardAt = this.process.now();
    this.#heartbeats.frameCame();
    switch (frame.kind) {
      case 'end':
        this.reset();
        return;
      case 'message':
        this.#listener.received(frame.message);
        return;
      case 'beat': {
        const { answer } = this.#heartbeats.heard(frame.beat, this.process.now());
        if (answer !== undefined) this.#frame({ kind: 'beat', beat: answer });
      }
    }
  }

  #beat(): void {
    if (!this.#isOpen) return;
    this.#timer = this.process.after(heartbeatMs, () => this.#beat());
    try {
      this.#frame({ kind: 'beat', beat: this.#heartbeats.next(this.process.now()) });
    } catch {
      this.close(true);
    }
  }
}
