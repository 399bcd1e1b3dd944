/** Read, change, write if nobody else wrote in between, else start over from what is stored now. */
import type { KubeClient } from './client.ts';
import { ConflictError } from './errors.ts';
import type { KubeObject, ObjectName, ResourceType } from './object.ts';

export interface Swap<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'get' | 'replace' | 'replaceStatus'>;
  readonly type: ResourceType<T>;
  readonly name: ObjectName;
  /** The wanted object, from the stored one; undefined to leave it. May be called several times. */
  readonly change: (stored: T) => T | undefined;
  /** Default 5; then the last ConflictError is thrown. */
  readonly attempts?: number;
}

/** The object as stored afterwards; undefined when it does not exist. */
export function swap<T extends KubeObject>(options: Swap<T>): Promise<T | undefined> {
  return attempt(options, (wanted) => options.client.replace(options.type, wanted));
}

/** The same for the status subresource. */
export function swapStatus<T extends KubeObject>(options: Swap<T>): Promise<T | undefined> {
  return attempt(options, (wanted) => options.client.replaceStatus(options.type, wanted));
}

async function attempt<T extends KubeObject>(options: Swap<T>, write: (wanted: T) => Promise<T>): Promise<T | undefined> {
  for (let attemptsLeft = options.attempts ?? 5; ;) {
    const stored = await options.client.get(options.type, options.name.name, options.name.namespace);
    if (stored === undefined) return undefined;
    const wanted = options.change(stored);
    if (wanted === undefined) return stored;
    try {
      return await write(wanted);
    } catch (error) {
      attemptsLeft -= 1;
      if (!(error instanceof ConflictError) || attemptsLeft <= 0) throw error;
    }
  }
}
