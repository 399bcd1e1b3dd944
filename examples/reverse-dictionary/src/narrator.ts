/** Tells what the operator does and why, from its Events, as they come; what comes together and is alike takes one line. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { events, type Event } from '@vectorcluster/kube/types/core.ts';
import { faint, line } from './terminal.ts';

const togetherWithinMs = 250;
const reasonWidth = 14;

export class Narrator implements AsyncDisposable {
  readonly #informer: Informer<Event>;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  /** Notes by reason, in the order they came. */
  #waiting = new Map<string, string[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(client: KubeClient, namespace: string) {
    this.#informer = new Informer(client, events, { namespace });
    this.#informer.onChange(({ kind, object }) => {
      if (kind !== 'deleted') this.#hear(object);
    });
    this.#informer.start(this.#stop.signal);
  }

  /** Says what waits to be said, so that the next line comes after it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [reason, notes] of this.#waiting) {
      const more = notes.length > 1 ? faint(` (and ${notes.length - 1} alike)`) : '';
      line(`${faint('operator')}  ${reason.padEnd(reasonWidth)}  ${notes[0]}${more}`);
    }
    this.#waiting = new Map();
  }

  #hear(event: Event): void {
    if (event.reportingController !== 'vectorcluster-operator') return;
    const { reason = '', note = '' } = event;
    if (this.#told.has(`${reason} ${note}`)) return;
    this.#told.add(`${reason} ${note}`);
    this.#waiting.set(reason, [...(this.#waiting.get(reason) ?? []), note]);
    this.#timer ??= setTimeout(() => this.flush(), togetherWithinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#informer[Symbol.asyncDispose]();
    this.flush();
  }
}
