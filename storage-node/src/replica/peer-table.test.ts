import { expect, test } from 'vitest';
import { PeerTable } from './peer-table.ts';

test('what was heard came over the connection there is now, unless a new one was made since', () => {
  const peers = new PeerTable();
  expect(peers.isOnThisConnection('there before', 5)).toBe(true);
  peers.connected('made again', 10);
  expect([9, 10, 11].map((heardAt) => peers.isOnThisConnection('made again', heardAt))).toEqual([false, true, true]);
});
