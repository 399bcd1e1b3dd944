import { describe, expect, test } from 'vitest';
import { configMap } from '../test/scripted-api-server.ts';
import { Expectations, type View } from './expectations.ts';
import { ObjectCache } from './object-cache.ts';
import type { ConfigMap } from './types/core.ts';

/** An informer without I/O. */
class TestView implements View {
  readonly cache = new ObjectCache<ConfigMap>();
  resourceVersion: string | undefined;

  get(namespace: string | undefined, name: string): ConfigMap | undefined {
    return this.cache.get(namespace, name);
  }

  show(kind: 'added' | 'modified' | 'deleted', object: ConfigMap): void {
    const resourceVersion = object.metadata.resourceVersion ?? '';
    this.cache.apply({ kind, object, resourceVersion });
    this.resourceVersion = resourceVersion;
  }
}

describe('a written object is pending', () => {
  test('until the cache has it', () => {
    const view = new TestView();
    const expectations = new Expectations();
    view.show('added', configMap('other', '4'));
    expectations.written('key', view, configMap('a', '7'));
    expect(expectations.pending('key')).toEqual(['ConfigMap a was written']);
    view.show('added', configMap('other', '6'));
    expect(expectations.pending('key')).toHaveLength(1);
    view.show('added', configMap('a', '7'));
    expect(expectations.pending('key')).toEqual([]);
  });

  test('not at all when its event came before its answer', () => {
    const view = new TestView();
    const expectations = new Expectations();
    view.show('added', configMap('a', '7'));
    expectations.written('key', view, configMap('a', '7'));
    expect(expectations.pending('key')).toEqual([]);
  });

  test('not at all when it was made and deleted and the cache is past both', () => {
    const view = new TestView();
    const expectations = new Expectations();
    expectations.written('key', view, configMap('a', '7'));
    view.show('added', configMap('later', '9'));
    expect(expectations.pending('key')).toEqual([]);
  });

  test('for its own key only', () => {
    const expectations = new Expectations();
    expectations.written('key', new TestView(), configMap('a', '7'));
    expect(expectations.pending('other')).toEqual([]);
    expectations.forget('key');
    expect(expectations.pending('key')).toEqual([]);
  });

  test('once, by its last write', () => {
    const expectations = new Expectations();
    const view = new TestView();
    expectations.written('key', view, configMap('a', '7'));
    expectations.written('key', view, configMap('a', '8'));
    expect(expectations.pending('key')).toHaveLength(1);
    view.show('added', configMap('a', '7'));
    expect(expectations.pending('key')).toHaveLength(1);
  });
});

describe('a deleted object is pending', () => {
  const object = configMap('a', '5');

  test.for<[string, (view: TestView) => void, number]>([
    ['while the cache holds it', () => {}, 1],
    ['until it is gone', (view) => view.show('deleted', configMap('a', '6')), 0],
    ['until another took its name', (view) => view.show('modified', configMap('a', '8', {}, 'another-uid')), 0],
    [
      'until it is going',
      (view) => view.show('modified', { ...object, metadata: { ...object.metadata, resourceVersion: '6', deletionTimestamp: 'now' } }),
      0,
    ],
  ])('%s', ([, happen, pending]) => {
    const view = new TestView();
    view.show('added', object);
    const expectations = new Expectations();
    expectations.deleted('key', view, object);
    happen(view);
    expect(expectations.pending('key')).toHaveLength(pending);
  });
});
