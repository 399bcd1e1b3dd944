import { expect, test } from 'vitest';
import { ApiCore } from './api-core.ts';
import type { WatchEvent } from './requests/watch.ts';
import { Store } from './store/store.ts';

function coreWith(store: Store): ApiCore {
  let uid = 0;
  const core = new ApiCore({ store, now: () => new Date('2026-01-01T00:00:00Z'), newUid: () => `uid-${(uid += 1)}`, random: () => 0.5 });
  const resource = core.resource('v1', 'namespaces');
  core.create({ resource, namespace: undefined, name: 'default' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return core;
}

const map = (value: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { value: String(value) } });

test('watches and continued lists from a forgotten revision are gone', () => {
  const store = new Store({ historyLimit: 10 });
  const core = coreWith(store);
  const resource = core.resource('v1', 'configmaps');
  const target = { resource, namespace: 'default', name: 'a' };
  for (const name of ['a', 'b', 'c']) core.create({ ...target, name }, { ...map(0), metadata: { name } });
  const page = core.list(resource, { limit: 1 });
  for (let value = 1; value < 40; value += 1) core.update(target, map(value));
  expect(() => core.watch(resource, { resourceVersion: page.resourceVersion, onEvent: () => {} })).toThrow(
    expect.objectContaining({ code: 410, reason: 'Expired' }),
  );
  expect(() => core.list(resource, { limit: 1, continue: page.continue })).toThrow(expect.objectContaining({ code: 410 }));
});

function someRequests(): unknown {
  const core = coreWith(new Store());
  const resource = core.resource('v1', 'configmaps');
  core.create({ resource, namespace: 'default', name: '' }, { ...map(1), metadata: { generateName: 'made-' } });
  core.apply({ resource, namespace: 'default', name: 'a' }, map(2), { fieldManager: 'one' });
  return core.list(resource, {}).items;
}

test('the same requests give the same state', () => {
  expect(someRequests()).toEqual(someRequests());
});

test('a stopped watch hears nothing more', () => {
  const core = coreWith(new Store());
  const resource = core.resource('v1', 'configmaps');
  const target = { resource, namespace: 'default', name: 'a' };
  const heard: WatchEvent[] = [];
  const watch = core.watch(resource, { resourceVersion: String(core.store.revision), onEvent: (event) => heard.push(event) });
  core.create(target, map(1));
  watch.stop();
  core.update(target, map(2));
  expect(heard.map((event) => event.kind)).toEqual(['ADDED']);
});
