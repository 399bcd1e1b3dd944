/** Tells what the operator does and why, from its Events, as they come. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { events, type Event } from '@vectorcluster/kube/types/core.ts';
import { faint, line } from './terminal.ts';

export class Narrator implements AsyncDisposable {
  readonly #informer: Informer<Event>;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();

  constructor(client: KubeClient, namespace: string) {
    this.#informer = new Informer(client, events, { namespace });
    this.#informer.onChange(({ kind, object }) => {
      if (kind !== 'deleted') this.#tell(object);
    });
    this.#informer.start(this.#stop.signal);
  }

  #tell(event: Event): void {
    if (event.reportingController !== 'vectorcluster-operator') return;
    const text = `${event.reason ?? ''} ${event.note ?? ''}`;
    if (this.#told.has(text)) return;
    this.#told.add(text);
    line(`${faint('operator')} ${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#informer[Symbol.asyncDispose]();
  }
}
