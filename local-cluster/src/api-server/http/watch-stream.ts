/** A watch as a stream of JSON lines, each flushed as it happens. */
import { ApiError } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import type { JsonObject } from '../core/json.ts';
import type { Watch, WatchEvent, WatchOptions } from '../core/requests/watch.ts';
import { groupVersion, type ResourceDefinition } from '../core/resource.ts';
import type { Exchange } from './exchange.ts';
import { isTrue, listOptions, number } from './query.ts';
import { includeOf, metadataOf, renderingOf, tableOf, type Rendering } from './table.ts';

export interface StreamOptions {
  readonly bookmarkIntervalMs: number;
  /** A client that reads this much too slowly is cut off and has to list again. */
  readonly bufferLimitBytes: number;
}

export const streamDefaults: StreamOptions = { bookmarkIntervalMs: 15_000, bufferLimitBytes: 64 * 1024 * 1024 };
const timeoutDefaultSeconds = 1800;

export function streamWatch(
  core: ApiCore,
  exchange: Exchange,
  resource: ResourceDefinition,
  namespace: string | undefined,
  name: string,
  options: StreamOptions,
): void {
  const { query, request, response } = exchange;
  const render = renderer(core, exchange, resource);
  const early: JsonObject[] = [];
  let isOpen = false;
  const write = (line: JsonObject): void => {
    if (!isOpen) {
      early.push(line);
      return;
    }
    response.write(`${JSON.stringify(line)}\n`);
    if (response.writableLength > options.bufferLimitBytes) response.destroy();
  };
  const watchOptions: WatchOptions = {
    ...listOptions(query, namespace, name),
    resourceVersion: query.get('resourceVersion') ?? undefined,
    sendInitialEvents: isTrue(query.get('sendInitialEvents')),
    onEvent: (event) => write(render(event)),
  };
  let watch: Watch | undefined;
  try {
    watch = core.watch(resource, watchOptions);
  } catch (error) {
    // Kubernetes answers an old resourceVersion inside the stream.
    if (!(error instanceof ApiError && error.code === 410)) throw error;
    early.push({ type: 'ERROR', object: error.toStatus() });
  }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  isOpen = true;
  for (const line of early) write(line);
  if (watch === undefined) {
    response.end();
    return;
  }
  const running = watch;
  const bookmark = (): void => write(render({ kind: 'BOOKMARK', resourceVersion: running.position(), endsInitialList: false }));
  const bookmarks = isTrue(query.get('allowWatchBookmarks')) ? setInterval(bookmark, options.bookmarkIntervalMs) : undefined;
  const seconds = number(query, 'timeoutSeconds') ?? timeoutDefaultSeconds;
  const timeout = setTimeout(
    () => {
      if (bookmarks !== undefined) bookmark();
      response.end();
    },
    Math.max(1, seconds) * 1000,
  );
  const stop = (): void => {
    running.stop();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  };
  response.once('close', stop);
  request.once('error', stop);
  response.once('error', stop);
}

function renderer(core: ApiCore, exchange: Exchange, resource: ResourceDefinition): (event: WatchEvent) => JsonObject {
  const rendering: Rendering = renderingOf(exchange.request.headers.accept);
  const include = includeOf(exchange.query);
  let hasColumns = true;
  return (event) => {
    if (event.kind === 'BOOKMARK') return { type: 'BOOKMARK', object: bookmarkObject(resource, event, rendering) };
    if (rendering === 'metadata') return { type: event.kind, object: metadataOf(event.object) };
    if (rendering === 'object') return { type: event.kind, object: event.object };
    const metadata = { resourceVersion: event.object.metadata.resourceVersion };
    const table = tableOf(resource, [event.object], { now: core.now(), include, metadata, hasColumns });
    hasColumns = false;
    return { type: event.kind, object: table };
  };
}

function bookmarkObject(resource: ResourceDefinition, event: WatchEvent & { kind: 'BOOKMARK' }, rendering: Rendering): JsonObject {
  const annotations = event.endsInitialList ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: event.resourceVersion, creationTimestamp: null, ...annotations };
  if (rendering === 'metadata') return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  if (rendering === 'table')
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: event.resourceVersion },
      columnDefinitions: [],
      rows: [],
    };
  return { kind: resource.kind, apiVersion: groupVersion(resource), metadata };
}
