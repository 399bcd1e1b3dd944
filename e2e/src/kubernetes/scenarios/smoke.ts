/**
 * The first promise to a new user: install, apply the sample, use a stock client, lose a Pod, find everything there, delete.
 */
import assert from 'node:assert/strict';
import { QdrantClient } from '@qdrant/js-client-rest';
import { untilServing } from '../../serving.ts';
import { collectionParameters, nameOf, pointsFrom, vectorOf } from '../points.ts';
import { forwardTo } from '../port-forward.ts';
import type { Scenario } from '../scenario.ts';
import { inShop, type Shop } from '../shop.ts';
import type { Stages } from '../stages.ts';
import { startWriting } from '../steady-writer.ts';

const collection = 'books';
const pointCount = 1_000;
const lost = 'shop-data-0';
const asked = 'shop-data-1';
const askService = `fetch('http://shop:6333/collections').then((r) => r.text()).then(console.log)`;
const zoneOfEach = String.raw`.items[*].metadata.labels.vectorcluster\.io/zone`;

export const smoke: Scenario = {
  name: 'smoke',
  promise: 'what is installed by the chart and made by the sample serves a stock client, survives the loss of a Pod, and goes when told',
  needs: [],
  run: async (world) => await inShop(smoke, world, {}, async (shop) => await promises(shop, world.stages)),
};

async function promises(shop: Shop, stages: Stages): Promise<void> {
  const { namespace, kubectl } = shop;
  const zones = await kubectl('get', 'pods', '--selector=vectorcluster.io/cluster=shop', `--output=jsonpath={${zoneOfEach}}`);
  assert.equal(new Set(zones.split(' ')).size, 3, `the nodes are in the zones ${zones}`);

  await using forward = await forwardTo(namespace, `pod/${asked}`, 6333);
  const client = new QdrantClient({ url: forward.url, checkCompatibility: false });
  await stages.run('a stock client makes a collection of 6 shards in 3 copies', () =>
    client.createCollection(collection, collectionParameters),
  );
  await stages.run(`it writes ${pointCount} points and finds them`, async () => {
    await client.upsert(collection, { wait: true, points: pointsFrom(0, pointCount) });
    await expectAll(client, pointCount);
  });
  await stages.run('another Pod finds the cluster by the name of its Service', async () => {
    const answer = await kubectl('exec', lost, '--', '/usr/local/bin/node', '--eval', askService);
    assert.match(answer, new RegExp(`"${collection}"`));
  });

  const { acknowledged } = await stages.run(
    `${lost} is killed while the client writes, and comes back`,
    async () => {
      const writing = startWriting(client, collection, pointCount);
      await kubectl('delete', 'pod', lost, '--grace-period=1');
      await kubectl('wait', '--for=create', `pod/${lost}`, '--timeout=120s');
      await kubectl('wait', '--for=condition=Ready', `pod/${lost}`, '--timeout=120s');
      await shop.untilCurrent();
      const written = await writing.stop();
      assert.deepEqual(written.failures, [], 'no write may fail while one of three copies is away');
      return written;
    },
    (written) => `${written.acknowledged.length} writes, none failed, the longest took ${written.longestMs.toFixed(0)} ms`,
  );
  await stages.run('every acknowledged point is there, at the node that was lost too', async () => {
    await using returned = await forwardTo(namespace, `pod/${lost}`, 6333);
    const back = new QdrantClient({ url: returned.url, checkCompatibility: false });
    for (const each of [client, back]) {
      await untilServing(each, collection);
      await expectAll(each, pointCount + acknowledged.length);
    }
  });
  await stages.run('the cluster is deleted; its volumes are kept, as the sample says', async () => {
    await shop.remove();
    const volumes = await kubectl('get', 'persistentvolumeclaims', '--output=name');
    assert.equal(volumes.trim().split('\n').length, 3);
  });
}

async function expectAll(client: QdrantClient, count: number): Promise<void> {
  assert.equal((await client.count(collection, { exact: true })).count, count);
  for (const id of [0, Math.floor(count / 2), count - 1]) {
    const [nearest] = (await client.query(collection, { query: vectorOf(id), limit: 1, with_payload: true })).points;
    assert.deepEqual({ id: nearest?.id, name: nearest?.payload?.['name'] }, { id, name: nameOf(id) });
  }
}
