/** One watch: the lines of one response as they arrive, until it ends. The end is a value; nothing is thrown. */
import type { Readable } from 'node:stream';
import { decodeObject } from './decode.ts';
import { apiErrorFrom, ApiError, GoneError, unavailable } from './errors.ts';
import { isRecord, recordIn, stringIn } from './json.ts';
import type { KubeObject, ResourceType } from './object.ts';
import type { Selection } from './resource-url.ts';

export type WatchEvent<T> =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: T; readonly resourceVersion: string }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string };

export type WatchEnd =
  /** The server ended it in good order, as it does after timeoutSeconds. */
  | { readonly kind: 'ended' }
  /** Nothing came for silenceTimeoutMs. */
  | { readonly kind: 'silent' }
  /** The resourceVersion is too old (410): only a list helps. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: ApiError }
  | { readonly kind: 'aborted' };

export interface WatchOptions<T> extends Selection {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly silenceTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called synchronously as each line arrives. */
  readonly onEvent: (event: WatchEvent<T>) => void;
}

/** A line may hold one object; etcd's own limit for one is 1.5 MiB, in JSON a few times that. */
const maxLineBytes = 32 * 1024 * 1024;
const newline = 0x0a;

export async function readWatch<T extends KubeObject>(
  type: ResourceType<T>,
  open: (signal: AbortSignal) => Promise<Readable>,
  options: Pick<WatchOptions<T>, 'silenceTimeoutMs' | 'signal' | 'onEvent'>,
): Promise<WatchEnd> {
  if (options.signal.aborted) return { kind: 'aborted' };
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), options.silenceTimeoutMs);
  try {
    const response = await open(AbortSignal.any([options.signal, silence.signal]));
    return await readLines(response, (line) => {
      timer.refresh();
      return deliver(type, line, options.onEvent);
    });
  } catch (error) {
    if (options.signal.aborted) return { kind: 'aborted' };
    if (silence.signal.aborted) return { kind: 'silent' };
    if (error instanceof GoneError) return { kind: 'gone' };
    return { kind: 'failed', error: error instanceof ApiError ? error : unavailable('the watch broke off', error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves at the end of the body, or as soon as `onLine` gives an end; throws when the body breaks off. */
function readLines(response: Readable, onLine: (line: string) => WatchEnd | undefined): Promise<WatchEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<WatchEnd>();
  let parts: Buffer[] = [];
  let partBytes = 0;
  const take = (chunk: Buffer): WatchEnd | undefined => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8');
      parts = [];
      partBytes = 0;
      start = end + 1;
      const over = line.trim() === '' ? undefined : onLine(line);
      if (over !== undefined) return over;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    partBytes += chunk.length - start;
    if (partBytes > maxLineBytes) throw new RangeError(`a line of more than ${maxLineBytes} bytes`);
    return undefined;
  };
  response.on('data', (chunk: Buffer) => {
    try {
      const over = take(chunk);
      if (over === undefined) return;
      resolve(over);
      response.destroy();
    } catch (error) {
      reject(error);
      response.destroy();
    }
  });
  response.on('error', reject);
  response.on('end', () => {
    if (partBytes > 0) reject(new Error('the connection closed in the middle of a line'));
    else resolve({ kind: 'ended' });
  });
  response.on('close', () => reject(new Error('the connection closed')));
  // It may have closed before anybody listened.
  if (response.destroyed) reject(new Error('the connection closed'));
  return promise;
}

const changes = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;

function deliver<T extends KubeObject>(type: ResourceType<T>, line: string, onEvent: (event: WatchEvent<T>) => void): WatchEnd | undefined {
  const frame: unknown = JSON.parse(line);
  const object = isRecord(frame) ? recordIn(frame, 'object') : undefined;
  const eventType = isRecord(frame) ? stringIn(frame, 'type') : undefined;
  if (object === undefined || eventType === undefined) throw new TypeError('a line of the watch is not an event');
  if (eventType === 'ERROR') {
    const error = apiErrorFrom(500, object);
    return error instanceof GoneError ? { kind: 'gone' } : { kind: 'failed', error };
  }
  const metadata = recordIn(object, 'metadata');
  const resourceVersion = metadata === undefined ? undefined : stringIn(metadata, 'resourceVersion');
  if (resourceVersion === undefined) throw new TypeError(`an event ${eventType} has no resourceVersion`);
  if (eventType === 'ADDED' || eventType === 'MODIFIED' || eventType === 'DELETED') {
    onEvent({ kind: changes[eventType], object: decodeObject(type, object), resourceVersion });
  } else {
    // A bookmark, or a kind of event that later servers may add: its position counts.
    onEvent({ kind: 'bookmark', resourceVersion });
  }
  return undefined;
}
