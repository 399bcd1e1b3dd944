/** What the operator does on the word of nodes alone: Kubernetes sees nothing of it. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { controlPlanes } from '@vectorcluster/local-cluster/testing/control-planes.ts';
import { expect, test } from 'vitest';
import { conditionText, Person } from './world/people.ts';
import { ReportingNodes } from './world/reporting-nodes.ts';
import { startWorld } from './world/world.ts';

const eventually = { timeout: 30_000, interval: 20 };

test.each(controlPlanes())('hand-over when a primary has drained, failover when its process is missed, on $name', async (plane) => {
  await using world = await startWorld(plane);
  await using _operator = await world.startOperator();
  const person = new Person(world.client);
  const vectors = [{ name: '', size: 4, distance: 'Dot' as const }];
  await person.makeCluster('shop', { pools: [{ name: 'data', replicas: 3, storage: { size: '1Gi' } }] });
  await person.makeCollection('shop-c', { clusterName: 'shop', collection: 'c', shards: 1, replicationFactor: 3, minInSync: 2, vectors });
  const shardNow = async (): Promise<VectorShard> => {
    const [shard] = await person.shardsOf('shop-c');
    if (shard === undefined) throw new Error('no shard');
    return shard;
  };
  const copies = async () => (await person.shardsOf('shop-c'))[0]?.status?.copiesInSync;
  await expect.poll(copies, eventually).toBe('3/3');
  const made = await shardNow();
  using nodes = await ReportingNodes.start(world.client, 'shop', await person.podsOf('shop'), made);

  const leader = made.status?.primary;
  const target = made.status?.inSync?.find((id) => id !== leader) ?? '';
  await swapStatus({
    client: world.client,
    type: vectorShards,
    name: made.metadata,
    change: (stored) => ({ ...stored, status: { ...stored.status, handOff: { target, epoch: 1 } } }),
  });
  const handOver = async () => conditionText((await shardNow()).status?.conditions, 'HandOver');
  await expect.poll(handOver, eventually).toBe('HandOver=True Asked');
  nodes.follow(made, target);
  await expect.poll(handOver, eventually).toBe('HandOver=False Done');
  const handed = await shardNow();
  expect(handed.status).toMatchObject({ epoch: 2, primary: target });
  expect(handed.status?.handOff).toBeUndefined();
  expect(handed.status?.inSync?.toSorted()).toEqual(made.status?.inSync?.toSorted());
  nodes.follow(handed);
  const ready = async () => conditionText((await shardNow()).status?.conditions, 'Ready');
  await expect.poll(ready, eventually).toBe('Ready=True PrimaryServes');

  const lost = handed.status?.primaryNode ?? '';
  nodes.kill(lost);
  nodes.peersHear((node) => node !== lost);
  await expect.poll(async () => (await shardNow()).status?.epoch, eventually).toBe(3);
  const after = await shardNow();
  expect(after.status?.primaryNode).not.toBe(lost);
  expect(conditionText(after.status?.conditions, 'EpochRaised')).toBe('EpochRaised=True FailedOver');
  const raised = after.status?.conditions?.find(({ type }) => type === 'EpochRaised');
  expect(raised?.message).toContain(
    `${lost} is missed: its connection closed and did not come back in 400 ms, and an in-sync replica misses it too`,
  );
});
