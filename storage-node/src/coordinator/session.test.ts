import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadInputError } from '../errors.ts';
import { decodeSession, encodeSession, tokenLengthMost } from './session-token.ts';
import { Session, sessionShardsMost } from './session.ts';

const uint64 = fc.bigInt(0n, 2n ** 64n - 1n);
const position = fc.record({ epoch: uint64, sequence: fc.bigInt(1n, 2n ** 64n - 1n) });
const seen = fc.array(fc.tuple(fc.uuid(), position), { maxLength: 40 });

function sessionOf(all: readonly (readonly [string, { readonly epoch: bigint; readonly sequence: bigint }])[]): Session {
  const session = new Session();
  for (const [shard, at] of all) session.saw(shard, at);
  return session;
}

test('a token brings back what the session had seen', () => {
  fc.assert(
    fc.property(seen, (all) => {
      const session = sessionOf(all);
      expect([...decodeSession(encodeSession(session)).positions]).toEqual([...session.positions]);
    }),
  );
});

test('what was seen never goes back, in whatever order answers come', () => {
  fc.assert(
    fc.property(fc.array(position, { minLength: 1 }), (positions) => {
      const session = sessionOf(positions.map((at) => ['one', at]));
      const furthest = positions.reduce((a, b) => (b.epoch > a.epoch || (b.epoch === a.epoch && b.sequence > a.sequence) ? b : a));
      expect(session.positionIn('one')).toEqual(furthest);
    }),
  );
});

test('an empty shard shows nothing that could go back', () => {
  expect(sessionOf([['one', { epoch: 3n, sequence: 0n }]]).positions.size).toBe(0);
});

test('of more shards than a token holds those met longest ago are forgotten', () => {
  const names = Array.from({ length: sessionShardsMost + 2 }, (_, index) => `shard ${index}`);
  const at = { epoch: 2n ** 64n - 1n, sequence: 2n ** 64n - 1n };
  const session = sessionOf([...names, 'shard 2'].map((name) => [name, at]));
  expect(session.positions.size).toBe(sessionShardsMost);
  expect(['shard 0', 'shard 1', 'shard 2'].map((name) => session.positionIn(name) === undefined)).toEqual([true, true, false]);
  session.saw('one more', at);
  expect(['shard 2', 'shard 3'].map((name) => session.positionIn(name) === undefined)).toEqual([false, true]);
  const token = encodeSession(session);
  expect(token.length).toBeLessThanOrEqual(tokenLengthMost);
  expect(decodeSession(token).positions.size).toBe(sessionShardsMost);
});

describe('what is not a token of ours is refused with a reason', () => {
  const token = encodeSession(sessionOf([['one', { epoch: 1n, sequence: 300n }]]));
  const flipped = token.slice(0, 10) + (token[10] === 'A' ? 'B' : 'A') + token.slice(11);
  test.for([
    ['', 'not base64url'],
    ['AQ', 'too short'],
    ['a b', 'not base64url'],
    ['Ägypten', 'not base64url'],
    [token.slice(0, -4), 'its sum does not fit'],
    [flipped, 'its sum does not fit'],
    [`Ag${token.slice(2)}`, 'it is of version 2'],
    ['A'.repeat(tokenLengthMost + 1), 'at most'],
  ] as const)('%s', ([text, because]) => {
    expect(() => decodeSession(text)).toThrow(because);
  });

  test('any text at all', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
        ),
        (text) => {
          expect(() => decodeSession(text)).toThrow(BadInputError);
        },
      ),
    );
  });
});
