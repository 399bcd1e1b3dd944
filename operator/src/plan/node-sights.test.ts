import { expect, test } from 'vitest';
import { closedMissedMs, reachOf, silentMissedMs, type Contact, type Reach } from './node-sights.ts';

const contact = (parts: Partial<Contact> = {}): Contact => ({ isConnected: true, closedForMs: undefined, silentMs: 100, ...parts });
const closed = (closedForMs: number, silentMs = closedForMs): Contact => contact({ isConnected: false, closedForMs, silentMs });

test.for<[string, Contact, Partial<Reach>]>([
  ['one that speaks is there', contact(), { kind: 'yes' }],
  ['silence alone makes it missed', contact({ silentMs: silentMissedMs }), { kind: 'missed' }],
  ['a connection that just closed is not missed yet', closed(100), { kind: 'doubtful', missedInMs: closedMissedMs - 100 }],
  ['one that did not come back is', closed(closedMissedMs), { kind: 'missed' }],
  ['what was silent long before it closed', closed(50, 2900), { kind: 'doubtful', missedInMs: 100 }],
])('%s', ([, given, expected]) => {
  expect(reachOf(given)).toMatchObject(expected);
});
