import { KubeClient, type Applied, type ApplyOptions, type DeleteOptions } from '@vectorcluster/kube/client.ts';
import { InvalidError } from '@vectorcluster/kube/errors.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';

/** A client that remembers what it wrote, Events apart: they are told, not state. */
export class CountingClient extends KubeClient {
  readonly writes: string[] = [];
  /** What an API server with other rules than ours would say of a status or of a dry run, why it is invalid. */
  refusal: (object: KubeObject) => string | undefined = () => undefined;

  /** What webhooks of others make of what is created. */
  admitted: <T extends KubeObject>(object: T) => T = (object) => object;

  override create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    this.#note('create', type, object.metadata.name);
    return super.create(type, this.admitted(object));
  }

  override createDryRun<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    return this.#unlessRefused(object, () => super.createDryRun(type, object));
  }

  override replace<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    this.#note('replace', type, object.metadata.name);
    return super.replace(type, object);
  }

  override replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T> {
    this.#note('replaceStatus', type, object.metadata.name);
    return this.#unlessRefused(object, () => super.replaceStatus(type, object));
  }

  override apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions): Promise<T> {
    this.#note('apply', type, object.metadata.name);
    return super.apply(type, object, options);
  }

  override applyStatus<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions): Promise<T> {
    this.#note('applyStatus', type, object.metadata.name);
    return super.applyStatus(type, object, options);
  }

  override patch<T extends KubeObject>(
    type: ResourceType<T>,
    name: string,
    namespace: string | undefined,
    mergePatch: object,
    options?: { readonly subresource?: 'status' | 'scale' },
  ): Promise<T> {
    this.#note('patch', type, name);
    return super.patch(type, name, namespace, mergePatch, options);
  }

  override delete(type: ResourceType, name: string, namespace?: string, options?: DeleteOptions): Promise<boolean> {
    this.#note('delete', type, name);
    return super.delete(type, name, namespace, options);
  }

  #unlessRefused<T extends KubeObject>(object: T, send: () => Promise<T>): Promise<T> {
    const refusal = this.refusal(object);
    if (refusal !== undefined) return Promise.reject(new InvalidError({ status: 422, reason: 'Invalid', message: refusal }));
    return send();
  }

  #note(verb: string, type: ResourceType, name: string): void {
    if (type.kind !== 'Event') this.writes.push(`${verb} ${type.kind} ${name}`);
  }
}
