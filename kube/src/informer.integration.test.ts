import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configMap, type Exchange, ScriptedApiServer } from '../test/scripted-api-server.ts';
import { Informer, InformerStoppedError, type InformerOptions } from './informer.ts';
import { configMaps, type ConfigMap } from './types/core.ts';

let server: ScriptedApiServer;
let stop: AbortController;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await server[Symbol.asyncDispose]();
});

const never = 600_000;

function informerOf(options: InformerOptions = {}) {
  const informer = new Informer<ConfigMap>(server.client(), configMaps, {
    namespace: 'shop',
    retryBaseDelayMs: 2,
    retryMaxDelayMs: 20,
    silenceTimeoutMs: never,
    relistIntervalMs: never,
    random: () => 0.5,
    ...options,
  });
  const changes: string[] = [];
  informer.onChange(({ kind, object }) => changes.push(`${kind} ${object.metadata.name}@${object.metadata.resourceVersion}`));
  informer.start(stop.signal);
  return { informer, changes };
}

/** Lists `a@5` and opens the watch that follows. */
async function listed(options?: InformerOptions) {
  const started = informerOf(options);
  (await server.next()).list('5', [configMap('a', '5')]);
  const watch = await server.next();
  watch.open();
  await started.informer.synced();
  return { ...started, watch };
}

function seen(informer: Informer<ConfigMap>, resourceVersion: string): Promise<void> {
  return informer.waitFor((it) => it.resourceVersion === resourceVersion, AbortSignal.timeout(20_000));
}

async function resumed(): Promise<Exchange> {
  const watch = await server.next();
  expect(watch.isWatch).toBe(true);
  watch.open();
  return watch;
}

async function relisted(): Promise<Exchange> {
  const list = await server.next();
  expect(list.isWatch).toBe(false);
  return list;
}

test('lists page by page, then watches from the version of the list with bookmarks', async () => {
  const { informer, changes } = informerOf({ labelSelector: 'x=y' });
  const first = await server.next();
  expect(first.url.pathname).toBe('/api/v1/namespaces/shop/configmaps');
  expect(first.url.searchParams.get('labelSelector')).toBe('x=y');
  first.list('5', [configMap('a', '3')], 'more');
  const second = await server.next();
  expect(second.url.searchParams.get('continue')).toBe('more');
  second.list('5', [configMap('b', '4')]);
  const watch = await server.next();
  expect(Object.fromEntries(watch.url.searchParams)).toMatchObject({
    allowWatchBookmarks: 'true',
    resourceVersion: '5',
    labelSelector: 'x=y',
  });
  await informer.synced();
  expect(changes).toEqual(['added a@3', 'added b@4']);
  expect(informer.get('shop', 'a')?.kind).toBe('ConfigMap');
  expect(informer.list()).toHaveLength(2);
});

test('tells of each event with what was there before; a line may come in pieces that cut a character', async () => {
  const { informer, watch, changes } = await listed();
  const previous: unknown[] = [];
  informer.onChange((change) => previous.push(change.previous?.data));
  const line = Buffer.from(`${JSON.stringify({ type: 'MODIFIED', object: configMap('a', '6', { text: 'ü' }) })}\n`);
  const cut = line.indexOf(0xc3) + 1;
  watch.raw(line.subarray(0, cut));
  watch.raw(line.subarray(cut));
  watch.event('ADDED', configMap('b', '7'));
  watch.event('DELETED', configMap('a', '8'));
  await seen(informer, '8');
  expect(changes).toEqual(['added a@5', 'updated a@6', 'added b@7', 'deleted a@8']);
  expect(previous).toEqual([{}, undefined, { text: 'ü' }]);
  expect(informer.list().map((object) => object.metadata.name)).toEqual(['b']);
});

function owned(name: string, resourceVersion: string) {
  const object = configMap(name, resourceVersion, { a: '1' });
  return { ...object, metadata: { ...object.metadata, managedFields: [{ manager: 'kubectl' }] } };
}

test('who owns which field is not kept', async () => {
  const { informer } = informerOf();
  (await server.next()).list('5', [owned('a', '5')]);
  const watch = await server.next();
  watch.open();
  watch.event('ADDED', owned('b', '6'));
  await seen(informer, '6');
  expect(informer.list()).toEqual([configMap('a', '5', { a: '1' }), configMap('b', '6', { a: '1' })]);
});

describe('a watch that ends', () => {
  test('in good order resumes from the last event', async () => {
    const { informer, watch } = await listed();
    watch.event('ADDED', configMap('b', '7'));
    await seen(informer, '7');
    watch.end();
    expect((await resumed()).resourceVersion).toBe('7');
  });

  test('resumes from the last bookmark, which changes nothing else', async () => {
    const { informer, watch, changes } = await listed();
    watch.event('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '40' } });
    await seen(informer, '40');
    watch.end();
    expect((await resumed()).resourceVersion).toBe('40');
    expect(changes).toEqual(['added a@5']);
  });

  test('in the middle of a line resumes, and the half event counts for nothing', async () => {
    const { informer, watch, changes } = await listed();
    watch.raw('{"type":"ADDED","object":{"metadata":{"name":"b","resourceVersion":"6"}');
    watch.cut();
    const next = await resumed();
    expect(next.resourceVersion).toBe('5');
    next.event('ADDED', configMap('b', '6'));
    await seen(informer, '6');
    expect(changes).toEqual(['added a@5', 'added b@6']);
  });

  test('by its server ending the answer in the middle of a line resumes too', async () => {
    const { watch } = await listed();
    watch.raw('{"type":"ADD');
    watch.end();
    expect((await resumed()).resourceVersion).toBe('5');
  });

  test('with a line that is not an event resumes', async () => {
    const { watch } = await listed();
    watch.raw('<html>\n');
    expect((await resumed()).resourceVersion).toBe('5');
  });

  test('silent for too long resumes', async () => {
    const { informer } = await listed({ silenceTimeoutMs: 50 });
    const next = await resumed();
    expect(next.resourceVersion).toBe('5');
    next.event('ADDED', configMap('b', '6'));
    await seen(informer, '6');
    expect(informer.get('shop', 'b')).toBeDefined();
  });

  test('with a server that accepts and never answers is asked for again', async () => {
    informerOf({ silenceTimeoutMs: 50 });
    (await server.next()).list('5', []);
    await server.next();
    expect((await server.next()).isWatch).toBe(true);
  });

  test('over and over without an event leads to a list', async () => {
    const { watch, informer } = await listed();
    watch.cut();
    for (let i = 0; i < 3; i++) (await resumed()).cut();
    (await relisted()).list('9', [configMap('a', '5')]);
    await seen(informer, '9');
    expect((await resumed()).resourceVersion).toBe('9');
  });
});

describe('a version that is gone', () => {
  test('told in the stream leads to a list, whose missing objects are deleted', async () => {
    const { informer, watch, changes } = await listed();
    watch.event('ADDED', configMap('b', '6'));
    await seen(informer, '6');
    watch.event('ERROR', { kind: 'Status', status: 'Failure', code: 410, reason: 'Expired', message: 'too old' });
    (await relisted()).list('90', [configMap('b', '80'), configMap('c', '81')]);
    await seen(informer, '90');
    expect(changes).toEqual(['added a@5', 'added b@6', 'deleted a@5', 'updated b@80', 'added c@81']);
    expect((await resumed()).resourceVersion).toBe('90');
  });

  test('told as the status of the watch leads to a list', async () => {
    const { informer, watch } = await listed();
    watch.end();
    (await server.next()).fail(410, 'Expired');
    (await relisted()).list('90', []);
    await seen(informer, '90');
    expect(informer.list()).toEqual([]);
  });

  test('while paging leads to the whole list in one answer', async () => {
    const { informer } = informerOf();
    (await server.next()).list('5', [configMap('a', '3')], 'more');
    (await server.next()).fail(410, 'Expired');
    const whole = await server.next();
    expect(whole.url.searchParams.has('limit')).toBe(false);
    whole.list('9', [configMap('b', '4')]);
    await informer.synced();
    expect(informer.list().map((object) => object.metadata.name)).toEqual(['b']);
  });
});

test('another error in the stream resumes', async () => {
  const { watch } = await listed();
  watch.event('ERROR', { kind: 'Status', status: 'Failure', code: 500, reason: 'InternalError', message: 'storage is away' });
  expect((await resumed()).resourceVersion).toBe('5');
});

test('failed lists are tried again until one succeeds: 500, no JSON, a cut, 403, 429', async () => {
  const { informer } = informerOf();
  (await server.next()).fail(500, 'InternalError');
  const html = await server.next();
  html.open();
  html.raw('<html>');
  html.end();
  (await server.next()).cut();
  (await server.next()).fail(403, 'Forbidden');
  (await server.next()).fail(429, 'TooManyRequests', { 'retry-after': '0' });
  (await server.next()).list('5', [configMap('a', '5')]);
  await informer.synced();
  expect(informer.get('shop', 'a')).toBeDefined();
});

test('a server that is away and comes back is followed again', async () => {
  const { informer, changes } = await listed();
  await server.stop();
  await server.restart();
  for (let exchange = await server.next(); ; exchange = await server.next()) {
    if (!exchange.isWatch) {
      exchange.list('20', [configMap('a', '5'), configMap('b', '18')]);
      break;
    }
    exchange.cut();
  }
  await seen(informer, '20');
  expect(changes).toEqual(['added a@5', 'added b@18']);
});

test('periodically lists anew and finds what was lost; what is unchanged is not told', async () => {
  const { informer, changes } = await listed({ relistIntervalMs: 50 });
  (await relisted()).list('30', [configMap('a', '5'), configMap('lost', '25')]);
  await seen(informer, '30');
  expect(changes).toEqual(['added a@5', 'added lost@25']);
});

test('an object made anew under its old name is deleted and added', async () => {
  const { informer, watch, changes } = await listed();
  watch.event('MODIFIED', configMap('a', '9', {}, 'another-uid'));
  await seen(informer, '9');
  expect(changes).toEqual(['added a@5', 'deleted a@5', 'added a@9']);
});

test('a listener that throws does not keep others from hearing', async () => {
  const { informer, watch } = await listed();
  const heard: string[] = [];
  informer.onChange(() => {
    throw new Error('a bug');
  });
  informer.onChange(({ object }) => heard.push(object.metadata.name));
  watch.event('ADDED', configMap('b', '7'));
  watch.event('ADDED', configMap('c', '8'));
  await seen(informer, '8');
  expect(heard).toEqual(['b', 'c']);
});

test('the age of the last event is infinite before the first list, then counted by its clock', async () => {
  let nowMs = 1000;
  const { informer } = informerOf({ now: () => nowMs });
  expect(informer.lastEventAgeMs).toBe(Number.POSITIVE_INFINITY);
  (await server.next()).list('5', []);
  await informer.synced();
  nowMs = 1750;
  expect(informer.lastEventAgeMs).toBe(750);
});

test('stopping ends the watch and rejects whoever waits', async () => {
  const { informer } = await listed();
  const waiting = informer.waitFor(() => false, new AbortController().signal);
  await Promise.all([informer[Symbol.asyncDispose](), expect(waiting).rejects.toBeInstanceOf(InformerStoppedError)]);
  const unsynced = new Informer(server.client(), configMaps);
  await unsynced[Symbol.asyncDispose]();
  await expect(unsynced.synced()).rejects.toBeInstanceOf(InformerStoppedError);
});
