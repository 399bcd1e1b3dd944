/**
 * The first promise to a new user: install, apply the sample, use a stock client, lose a Pod, find everything there, delete.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { QdrantClient } from '@qdrant/js-client-rest';
import { untilServing } from '../serving.ts';
import { kubectl } from './kubectl.ts';
import { collectionParameters, nameOf, pointsFrom, vectorOf } from './points.ts';
import { forwardTo } from './port-forward.ts';
import { describeRelease, installRelease, removeRelease } from './release.ts';
import type { Stages } from './stages.ts';
import { startWriting } from './steady-writer.ts';

const sample = fileURLToPath(new URL('../samples/quickstart.yaml', import.meta.resolve('@vectorcluster/crds/definitions.ts')));
const namespace = 'vectorcluster-smoke';
const collection = 'books';
const pointCount = 1_000;
const lost = 'shop-data-0';
const asked = 'shop-data-1';
const zoneOfEach = String.raw`.items[*].metadata.labels.vectorcluster\.io/zone`;

/** Throws what did not hold, after it has said how things stood. */
export async function smoke(stages: Stages, say: (line: string) => void): Promise<void> {
  try {
    await promises(stages);
  } catch (error) {
    say(await describeRelease(namespace));
    throw error;
  } finally {
    await stages.run('all is removed', () => removeRelease(namespace));
  }
}

async function promises(stages: Stages): Promise<void> {
  await stages.run('the chart is installed, and the operator serves', () => installRelease(namespace));
  await stages.run('three nodes in three zones are Ready', async () => {
    await inNamespace('apply', '--filename', sample);
    await untilClusterReady();
    const zones = await inNamespace('get', 'pods', '--selector=vectorcluster.io/cluster=shop', `--output=jsonpath={${zoneOfEach}}`);
    assert.equal(new Set(zones.split(' ')).size, 3, `the nodes are in the zones ${zones}`);
  });

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
    const answer = await inPod(lost, `fetch('http://shop:6333/collections').then((r) => r.text()).then(console.log)`);
    assert.match(answer, new RegExp(`"${collection}"`));
  });

  const { acknowledged } = await stages.run(
    `${lost} is killed while the client writes, and comes back`,
    async () => {
      const writing = startWriting(client, collection, pointCount);
      await inNamespace('delete', 'pod', lost, '--grace-period=1');
      await inNamespace('wait', '--for=create', `pod/${lost}`, '--timeout=120s');
      await inNamespace('wait', '--for=condition=Ready', `pod/${lost}`, '--timeout=120s');
      await untilClusterReady();
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
    await inNamespace('delete', 'vectorcluster', 'shop', '--timeout=120s');
    await inNamespace('wait', '--for=delete', 'pod', '--selector=vectorcluster.io/cluster=shop', '--timeout=120s');
    const volumes = await inNamespace('get', 'persistentvolumeclaims', '--output=name');
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

async function untilClusterReady(): Promise<void> {
  await inNamespace('wait', '--for=condition=Ready', 'vectorcluster/shop', '--timeout=240s');
}

async function inPod(pod: string, program: string): Promise<string> {
  return await inNamespace('exec', pod, '--', '/usr/local/bin/node', '--eval', program);
}

async function inNamespace(...args: readonly string[]): Promise<string> {
  return await kubectl('--namespace', namespace, ...args);
}
