import { expect, test } from 'vitest';
import { encodeSession } from '../coordinator/session-token.ts';
import { Session } from '../coordinator/session.ts';
import { BadInputError } from '../errors.ts';
import { RequestFormatError } from './errors.ts';
import { ofCopies, readOptions, withConsistency } from './read-options.ts';

test.for([
  ['eventual', { kind: 'eventual' }],
  ['recent', { kind: 'recent' }],
  ['bounded;ms=1', { kind: 'bounded', staleMs: 1 }],
  ['bounded;ms=3600000', { kind: 'bounded', staleMs: 3_600_000 }],
  ['linearizable', { kind: 'linearizable' }],
] as const)('%s, without a session', ([text, consistency]) => {
  expect(readOptions(text, undefined)).toEqual({ consistency, session: undefined });
});

test.for([
  '',
  'strong',
  'Eventual',
  ' eventual',
  'eventual, recent',
  'bounded',
  'bounded;ms=',
  'bounded;ms=0',
  'bounded;ms=-1',
  'bounded;ms=1.5',
  'bounded;ms=3600001',
  'bounded;ms=99999999999',
  'bounded; ms=5',
])('%o is refused with what is possible', (text) => {
  expect(() => readOptions(text, undefined)).toThrow(RequestFormatError);
  expect(() => readOptions(text, undefined)).toThrow(
    'expected eventual, recent, bounded;ms=N (N from 1 to 3600000), session or linearizable',
  );
});

test('a session begins when it is asked for, and goes on where a token is sent', () => {
  expect(readOptions('session', undefined).session?.positions.size).toBe(0);
  expect(readOptions(undefined, undefined)).toEqual({});
  const session = new Session();
  session.saw('a', { epoch: 1n, sequence: 2n });
  for (const consistency of [undefined, 'eventual', 'session']) {
    expect(readOptions(consistency, encodeSession(session)).session?.positionIn('a')).toEqual({ epoch: 1n, sequence: 2n });
  }
  expect(() => readOptions(undefined, 'garbage')).toThrow(BadInputError);
});

test.for([1, 1n, 2, 3n, 'majority', 'quorum', 'all'] as const)('%s copies that agree', (copies) => {
  expect(ofCopies(copies)).toEqual(copies === 1 || copies === 1n ? undefined : { kind: 'linearizable' });
});

test('the header wins over the parameter', () => {
  const context = { signal: new AbortController().signal, requestId: 'r' };
  const all = ofCopies('all');
  expect(withConsistency(context, all).consistency).toEqual({ kind: 'linearizable' });
  expect(withConsistency({ ...context, consistency: { kind: 'eventual' } }, all).consistency).toEqual({ kind: 'eventual' });
  expect(withConsistency(context, undefined)).toBe(context);
});
