import { afterEach, beforeEach, expect, test } from 'vitest';
import { configMap, ScriptedApiServer } from '../test/scripted-api-server.ts';
import { EventRecorder } from './event-recorder.ts';

let server: ScriptedApiServer;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  recorder = new EventRecorder({
    client: server.client(),
    component: 'vectorcluster-operator',
    instance: 'operator-1',
    date: () => new Date('2026-01-01T00:00:00Z'),
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const object = configMap('a', '5');
const text = { type: 'Normal', reason: 'PodCreated', message: 'created shop-data-0 because the pool wants 3' } as const;

test('an event says what happened to which object, and who reports', async () => {
  recorder.event(object, { ...text, message: 'x'.repeat(2000), action: 'Create' });
  const created = await server.next();
  expect(created.url.pathname).toBe('/apis/events.k8s.io/v1/namespaces/shop/events');
  expect(created.body).toMatchObject({
    metadata: { name: expect.stringMatching(/^a\.[0-9a-f]+$/), namespace: 'shop' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    type: 'Normal',
    reason: 'PodCreated',
    action: 'Create',
    note: 'x'.repeat(1024),
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'shop', uid: 'uid-of-a' },
    reportingController: 'vectorcluster-operator',
    reportingInstance: 'operator-1',
  });
  created.json(201, created.body);
  await recorder.flush();
});

test('the same again becomes a count of the same Event', async () => {
  recorder.event(object, text);
  recorder.event(object, text);
  const created = await server.next();
  created.json(201, created.body);
  const counted = await server.next();
  expect(counted.method).toBe('PATCH');
  expect(counted.body).toEqual({ series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' } });
  counted.json(200, object);
  await recorder.flush();
});

function reasonsOf(exchanges: readonly { readonly body: unknown }[]) {
  return exchanges.map(({ body }) => /First|Second/.exec(JSON.stringify(body))?.[0]);
}

test('the events of one object are written in order, and wait for those of no other', async () => {
  for (const name of ['a', 'b']) for (const reason of ['First', 'Second']) recorder.event(configMap(name, '5'), { ...text, reason });
  const firsts = [await server.next(), await server.next()];
  expect(reasonsOf(firsts)).toEqual(['First', 'First']);
  for (const each of firsts) each.json(201, each.body);
  const seconds = [await server.next(), await server.next()];
  expect(reasonsOf(seconds)).toEqual(['Second', 'Second']);
  for (const each of seconds) each.json(201, each.body);
  await recorder.flush();
});

test('a count of an Event that the server has forgotten makes a new Event', async () => {
  recorder.event(object, text);
  recorder.event(object, text);
  const created = await server.next();
  created.json(201, created.body);
  (await server.next()).fail(404, 'NotFound');
  const anew = await server.next();
  expect(anew.method).toBe('POST');
  anew.json(201, anew.body);
  await recorder.flush();
});

test('an event that cannot be written troubles nobody and does not keep back the next', async () => {
  recorder.event(object, text);
  recorder.event(object, { ...text, reason: 'PodDeleted' });
  (await server.next()).fail(403, 'Forbidden');
  const second = await server.next();
  expect(second.body).toMatchObject({ reason: 'PodDeleted' });
  second.json(201, second.body);
  await recorder.flush();
});
