import { expect, test } from 'vitest';
import { configMap } from '../test/scripted-api-server.ts';
import { EventAggregator } from './event-aggregator.ts';

const object = configMap('a', '1');
const text = { type: 'Normal', reason: 'Created', message: 'created a' } as const;

test('the first and the second are written, then one count per minute', () => {
  const aggregator = new EventAggregator();
  const kinds: string[] = [];
  for (let second = 0; second <= 130; second += 10) kinds.push(aggregator.record(object, text, second * 1000).kind);
  expect(kinds.slice(0, 2)).toEqual(['first', 'again']);
  expect(kinds.filter((kind) => kind === 'again')).toHaveLength(3);
  const last = aggregator.record(object, text, 500_000);
  expect(last).toMatchObject({ kind: 'again', entry: { count: 15 } });
});

test.for([
  ['another message', object, { ...text, message: 'created b' }],
  ['another reason', object, { ...text, reason: 'Deleted' }],
  ['another type', object, { ...text, type: 'Warning' as const }],
  ['another object', configMap('b', '1'), text],
  ['another object of the same name', configMap('a', '1', {}, 'another-uid'), text],
] as const)('%s is another event', ([, subject, other]) => {
  const aggregator = new EventAggregator();
  aggregator.record(object, text, 0);
  expect(aggregator.record(subject, other, 0).kind).toBe('first');
});

test('an object has a burst of 25 different events, then one in ten seconds; other objects are not held up by it', () => {
  const aggregator = new EventAggregator();
  const record = (message: string, now: number): string => aggregator.record(object, { ...text, message }, now).kind;
  const kinds = Array.from({ length: 40 }, (_, i) => record(`message ${i}`, 0));
  expect(kinds.filter((kind) => kind === 'first')).toHaveLength(25);
  expect(kinds.at(-1)).toBe('dropped');
  expect(record('later', 10_000)).toBe('first');
  expect(record('too soon', 10_001)).toBe('dropped');
  expect(aggregator.record(configMap('b', '1'), text, 10_001).kind).toBe('first');
});
