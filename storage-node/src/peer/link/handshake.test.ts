import { expect, test } from 'vitest';
import { checkGreeting, dials, greetingTo, type Greeting } from './handshake.ts';

const identity = { namespace: 'default', cluster: 'shop' };
const b = { identity, node: 'b', podUid: 'uid b' };
const a = { identity, node: 'a', podUid: 'uid a' };

test('one of two nodes dials', () => {
  expect([dials('shop-data-10', 'shop-data-2'), dials('shop-data-2', 'shop-data-10'), dials('a', 'a')]).toEqual([true, false, false]);
});

test('nodes of one cluster that mean each other are let in', () => {
  expect(() => checkGreeting(greetingTo('b', a), b, undefined)).not.toThrow();
  expect(() => checkGreeting(greetingTo('a', b), a, 'b')).not.toThrow();
});

test.for<[Partial<Greeting>, string, string]>([
  [{ version: 1 }, 'unknown version', 'speaks version 1'],
  [{ version: 0, cluster: 'of a later version' }, 'unknown version', 'speaks version 0'],
  [{ cluster: 'other' }, 'foreign cluster', 'belongs to cluster default/shop, the other side to default/other'],
  [{ namespace: 'other' }, 'foreign cluster', 'the other side to other/shop'],
  [{ to: 'c' }, 'wrong node', 'this is node b, the other side means c'],
  [{ node: 'c' }, 'wrong node', 'node c does not dial b'],
  [{ node: 'b' }, 'wrong node', 'node b does not dial b'],
  [{ podUid: 'x'.repeat(254) }, 'bad frame', 'more than 253 characters'],
  [{ node: '', to: '' }, 'wrong node', 'means '],
])('refused: %o', ([change, reason, because]) => {
  const check = () => checkGreeting({ ...greetingTo('b', a), ...change }, b, undefined);
  expect(check).toThrow(because);
  expect(check).toThrow(expect.objectContaining({ reason }));
});

test('refused: another node answers at the address', () => {
  const c = { identity, node: 'c', podUid: 'uid c' };
  expect(() => checkGreeting(greetingTo('a', c), a, 'b')).toThrow('node c answers at the address of b');
});
