/** Real links over real sockets: each node of a test has a loopback address of its own and all of them one port. */
import { expect, test } from 'vitest';
import type { LinkMessage } from './link-message.ts';
import { append, freePort, TestNode } from '../../../test/link-nodes.ts';

test('two nodes find each other, keep the order, and both ways', async () => {
  const port = await freePort();
  await using a = await TestNode.start({ node: 'a', address: '127.0.0.2', port });
  await using b = await TestNode.start({ node: 'b', address: '127.0.0.3', port });
  await link(a, b);
  const sent: LinkMessage[] = Array.from({ length: 1000 }, (_, index) => append(index, (index * 7919) % 200_000));
  const both = Promise.all([
    Promise.all(sent.map((each) => a.links.send('b', each))),
    Promise.all(sent.map((each) => b.links.send('a', each))),
  ]);
  await b.receivedCount(1000);
  await a.receivedCount(1000);
  expect(b.received).toEqual(sent);
  expect(a.received).toEqual(sent);
  expect((await both).flat().every(Boolean)).toBe(true);
});

async function link(...nodes: readonly TestNode[]): Promise<void> {
  for (const node of nodes) node.links.setPeers(new Map(nodes.map((other) => [other.node, other.address])));
  for (const node of nodes) for (const other of nodes) if (other !== node) await node.isConnectedTo(other.node);
}
