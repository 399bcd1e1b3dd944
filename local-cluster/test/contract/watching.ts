import { expect, test } from 'vitest';
import { at, textOf } from '../../src/api-server/core/json.ts';
import type { WatchEventReply } from '../../src/testing/kubernetes-connection.ts';
import { versionOf, type Workspace } from './widgets.ts';

const brief = (event: WatchEventReply): string => `${event.type} ${textOf(at(event.object, 'metadata', 'name')) ?? ''}`;

async function take(events: AsyncIterator<WatchEventReply>, count: number): Promise<WatchEventReply[]> {
  const taken: WatchEventReply[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) throw new Error(`the watch ended after ${taken.map(brief).join(', ')}`);
    if (value.type !== 'BOOKMARK') taken.push(value);
  }
  return taken;
}

/** Every change once, in order, from where one asks. */
export function watchContract(workspace: () => Promise<Workspace>): void {
  test('a watch from a version sees every later change', async () => {
    const space = await workspace();
    const made = await space.create('a');
    await space.merge(space.path('a'), { spec: { replicas: 1 } });
    const events = space.connection.watch(`${space.path()}?watch=true&resourceVersion=${versionOf(made)}`);
    expect((await take(events, 1)).map(brief)).toEqual(['MODIFIED a']);
    await space.create('b');
    await space.send('DELETE', space.path('a'));
    const later = await take(events, 2);
    expect(later.map(brief)).toEqual(['ADDED b', 'DELETED a']);
    const versions = later.map((event) => Number(at(event.object, 'metadata', 'resourceVersion')));
    expect(versions.toSorted((left, right) => left - right)).toEqual(versions);
    await events.return();
  });

  test('a watch from nowhere begins with what there is', async () => {
    const space = await workspace();
    await space.create('a');
    const events = space.connection.watch(`${space.path()}?watch=true`);
    expect((await take(events, 1)).map(brief)).toEqual(['ADDED a']);
    await events.return();
  });

  test('objects enter and leave a selection', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const events = space.connection.watch(`${space.path()}?watch=true&resourceVersion=${versionOf(made)}&labelSelector=on%3Dyes`);
    await space.merge(space.path('a'), { metadata: { labels: { on: 'yes' } } });
    await space.merge(space.path('a'), { spec: { replicas: 1 } });
    await space.merge(space.path('a'), { metadata: { labels: { on: 'no' } } });
    expect((await take(events, 3)).map(brief)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    await events.return();
  });

  test('bookmarks and the end of the initial list', async () => {
    const space = await workspace();
    await space.create('a');
    const events = space.connection.watch(
      `${space.path()}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    const first = await events.next();
    const second = await events.next();
    expect(first.value === undefined ? '' : brief(first.value)).toBe('ADDED a');
    expect(second.value).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'Widget', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    await events.return();
  });

  test('a version that is too old is gone', async () => {
    const space = await workspace();
    const events = space.connection.watch('/api/v1/configmaps?watch=true&timeoutSeconds=1&resourceVersion=1');
    const { value } = await events.next();
    await events.return();
    // A young server still remembers everything.
    const answer = value?.type === 'ERROR' ? { code: value.object['code'], reason: value.object['reason'] } : 'remembered';
    expect(['remembered', { code: 410, reason: 'Expired' }]).toContainEqual(answer);
    const expired = await space.send('GET', `${space.path()}?limit=1&continue=nonsense`);
    expect(expired.code).toBe(400);
  });

  test('the server ends a watch in time', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const events = space.connection.watch(`${space.path()}?watch=true&timeoutSeconds=1&resourceVersion=${versionOf(made)}`);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
}
