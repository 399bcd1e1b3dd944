import { expect, test } from 'vitest';
import { Story } from '../../test/story/story.ts';

const threeZones = (title: string): Story => {
  const story = new Story(title);
  for (const zone of ['a', 'b', 'c']) story.kubernetesNode(`kube-${zone}`, zone);
  return story;
};

const data = (replicas: number) => ({ name: 'data', replicas, storage: { size: '10Gi' } });

function upAndRunning(title: string): Story {
  const story = threeZones(title);
  story.cluster({ pools: [data(3)] });
  story.untilRest();
  return story;
}

const products = (shards: number) => ({
  clusterName: 'shop',
  collection: 'products',
  shards,
  vectors: [{ name: '', size: 4, distance: 'Dot' as const }],
});

const stories: readonly [string, () => Story][] = [
  ['fresh-cluster', () => upAndRunning('a cluster of three nodes is made')],
  [
    'dead-pod',
    () => {
      const story = upAndRunning('a Pod that ended is replaced, and its node stays in its zone');
      story.tell('shop-data-1 is evicted');
      story.evict('shop-data-1');
      story.untilRest();
      return story;
    },
  ],
  [
    'drift-rollout',
    () => {
      const story = upAndRunning('a new version is rolled out one node at a time');
      story.tell('version 0.2.0 is asked for');
      story.cluster({ version: '0.2.0', pools: [data(3)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'broken-image',
    () => {
      const story = upAndRunning('an image that does not exist stops after the first node, and taking it back mends that node');
      story.tell('version 9.9.9 is asked for, which nobody built');
      story.breakImage('vectorcluster/storage-node:9.9.9');
      story.cluster({ version: '9.9.9', pools: [data(3)] });
      story.untilRest();
      story.tell('the version is taken back');
      story.cluster({ pools: [data(3)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'scale-up',
    () => {
      const story = upAndRunning('two more nodes go where there are fewest');
      story.tell('five replicas are asked for');
      story.cluster({ pools: [data(5)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'zone-without-nodes',
    () => {
      const story = threeZones('a zone that was asked for and has no node is told, the others serve');
      story.cluster({ zones: { values: ['a', 'b', 'd'] }, pools: [data(3)] });
      story.untilRest();
      story.tell('a node in zone d joins');
      story.kubernetesNode('kube-d', 'd');
      story.untilRest();
      return story;
    },
  ],
  [
    'collection-create',
    () => {
      const story = threeZones('a collection that is made with its cluster waits for all nodes');
      story.cluster({ pools: [data(3)] });
      story.collection('shop-products', products(6));
      story.untilRest();
      return story;
    },
  ],
  [
    'node-restart',
    () => {
      const story = threeZones('a process that starts again does not resume its epoch');
      story.cluster({ pools: [data(3)] });
      story.collection('shop-products', products(3));
      story.untilRest();
      story.tell('the process of shop-data-1 is killed and started by its kubelet');
      story.restartProcess('shop-data-1');
      story.untilRest();
      story.tell('the Pod of shop-data-2 is replaced');
      story.evict('shop-data-2');
      story.untilRest();
      return story;
    },
  ],
  [
    'machine-off',
    () => {
      const story = upAndRunning('a machine without power is named by whoever waits for it');
      story.tell('the machine of zone b loses its power');
      story.machineFallsSilent('b');
      story.live(2);
      story.tell('ten minutes pass');
      story.passes(600);
      story.untilRest();
      story.tell('it is switched on again');
      story.machineAnswers('b');
      story.untilRest();
      return story;
    },
  ],
  [
    'shard-deleted',
    () => {
      const story = threeZones('a shard that somebody deleted is not replaced by an empty one');
      story.cluster({ pools: [data(3)] });
      story.collection('shop-products', products(3));
      story.untilRest();
      story.tell('the second shard is deleted');
      story.deleteShard(1);
      story.untilRest();
      return story;
    },
  ],
  [
    'pod-template',
    () => {
      const story = upAndRunning('a podTemplate is rolled out one node at a time');
      story.tell('a sidecar and a label are asked for');
      const podTemplate = { metadata: { labels: { team: 'search' } }, spec: { containers: [{ name: 'log', image: 'log:1' }] } };
      story.cluster({ pools: [{ ...data(3), podTemplate }] });
      story.untilRest();
      return story;
    },
  ],
  [
    'unsafe-pod-template',
    () => {
      const story = upAndRunning('a podTemplate that asks for too much changes nothing, and a node that is lost meanwhile comes back');
      story.tell('the file system of the machines is asked for');
      const podTemplate = { spec: { volumes: [{ name: 'root', hostPath: { path: '/' } }] } };
      story.cluster({ pools: [{ ...data(3), podTemplate }] });
      story.untilRest();
      story.tell('shop-data-1 is evicted');
      story.evict('shop-data-1');
      story.untilRest();
      return story;
    },
  ],
  [
    'not-served',
    () => {
      const story = threeZones('what is not served is refused by name and does not stop the rest');
      story.cluster({
        pools: [data(2), { name: 'builders', role: 'Index', replicas: 2, storage: { size: '1Gi' } }],
      });
      story.collection('shop-products', products(3));
      story.untilRest();
      story.tell('the pool of builders is taken out, zone a is no longer listed');
      story.cluster({ zones: { values: ['b', 'c'] }, pools: [data(2)] });
      story.untilRest();
      return story;
    },
  ],
];

test.for(stories)('%s', async ([name, tell]) => {
  await expect(tell().text).toMatchFileSnapshot(`./testdata/${name}.golden`);
});
