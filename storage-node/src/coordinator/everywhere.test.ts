import { expect, test } from 'vitest';
import { coordinationOf } from '../../test/coordination.ts';
import { ShardUnavailableError } from '../errors.ts';
import { Changes } from '../topology/changes.ts';
import { collectionConfigOf } from '../topology/collection-config.ts';
import type { CollectionRoute, Topology } from '../topology/topology.ts';
import { seenEverywhere } from './everywhere.ts';
import { lastHash } from './router.ts';

const spec = { clusterName: 'shop', collection: 'books', vectors: [{ name: '', size: 2, distance: 'Dot' as const }] };
const nodes = new Map(
  ['own', 'n1', 'n2'].map((name) => [name, { name, address: name, zone: '', isReader: false, isLeaving: false }] as const),
);

function led(node: string, epoch: bigint): Topology & { readonly books: CollectionRoute } {
  const primary = { replicaId: node, node, address: node };
  const books: CollectionRoute = {
    name: 'books',
    objectName: 'books',
    uid: 'books',
    generation: 1,
    age: '1',
    spec,
    config: collectionConfigOf(spec),
    shards: [{ uid: 's', name: 's', first: 0n, last: lastHash, epoch, primary, replicas: [] }],
    complete: true,
    stalled: undefined,
  };
  return { collections: new Map([['books', books]]), aliases: new Map(), uids: new Set(['books']), nodes, books };
}

test.for([
  [
    'says nothing',
    async (signal: AbortSignal) => await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ],
  ['is gone', async () => await Promise.reject(new ShardUnavailableError('gone'))],
] as const)('a primary that moves away from a node that %s is waited for where it is then', async ([, first]) => {
  const changes = new Changes();
  let topology = led('n1', 1n);
  const asked: (string | undefined)[] = [];
  const coordination = coordinationOf({
    topology: {
      current: () => topology,
      until: async (holds, signal) => {
        await changes.until(() => holds(topology), signal);
        return topology;
      },
    },
    observe: async (address, _, signal) => {
      asked.push(address);
      if (address === 'n1') await first(signal);
    },
    sleep: async (_, signal) => {
      signal.throwIfAborted();
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  const seen = seenEverywhere(
    coordination,
    { collectionUid: 'books', generation: 1, serving: true },
    topology.books,
    AbortSignal.timeout(5_000),
  );
  topology = led('n2', 2n);
  changes.notify();
  await seen;
  expect(asked.at(-1)).toBe('n2');
});
