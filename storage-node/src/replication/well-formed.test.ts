import { expect, test } from 'vitest';
import type { Body, Message } from './messages.ts';
import { epochLeadMax, whyMalformed } from './well-formed.ts';

const message = (body: Body, epoch = 5n): Message => ({ shard: 's', from: 'a', to: 'b', epoch, ...body });
const append = (change: Partial<Extract<Body, { kind: 'append' }>> = {}, epoch = 5n): Message =>
  message({ kind: 'append', previous: { sequence: 3n, epoch: 2n }, entries: [], inherited: 3n, committed: 2n, ...change }, epoch);
const entry = (sequence: bigint, epoch = 5n) => ({ sequence, epoch });

test.for<readonly [string, Message, number, string | undefined]>([
  ['an append without entries', append(), 0, undefined],
  ['entries of growing epochs', append({ entries: [entry(4n, 2n), entry(5n, 5n)] }), 2, undefined],
  ['an older epoch, which the protocol refuses itself', append({}, 2n), 0, undefined],
  ['an epoch far beyond', append({}, epochLeadMax + 6n), 0, 'far beyond'],
  ['a gap', append({ entries: [entry(5n)] }), 1, 'entry 5 does not follow 3'],
  ['an entry twice', append({ entries: [entry(4n), entry(4n)] }), 2, 'entry 4 does not follow 4'],
  ['an epoch that goes back', append({ entries: [entry(4n, 4n), entry(5n, 3n)] }), 2, 'follows epoch 4'],
  ['an entry of a later epoch than its message', append({ entries: [entry(4n, 6n)] }), 1, 'entry 4 of epoch 6'],
  ['a position of a later epoch', append({ previous: entry(3n, 6n) }), 0, 'newer than the message'],
  ['bodies that are missing', append({ entries: [entry(4n)] }), 0, '1 entries have 0 bodies'],
  ['bodies of nothing', message({ kind: 'hello' }), 1, 'hello carries bodies'],
  ['a negative sequence', append({ committed: -1n }), 0, 'negative'],
  ['a negative epoch', append({}, -1n), 0, 'negative'],
])('%s', ([, sent, bodies, because]) => {
  const found = whyMalformed(sent, bodies, 5n);
  expect(found === undefined ? undefined : found.includes(because ?? 'nothing')).toBe(because === undefined ? undefined : true);
});
