import { expect, test } from 'vitest';
import { Story } from '../../test/story/story.ts';

/** Nodes over three zones, and shards with so many copies. */
function withCopies(title: string, replicationFactor: number, minInSync = 1, nodes = 3, shards = 1): Story {
  const story = new Story(title);
  for (const zone of ['a', 'b', 'c']) story.kubernetesNode(`kube-${zone}`, zone);
  story.cluster({ pools: [{ name: 'data', replicas: nodes, storage: { size: '10Gi' } }] });
  story.quietly(() => story.untilRest());
  const vectors = [{ name: '', size: 4, distance: 'Dot' as const }];
  story.collection('shop-products', { clusterName: 'shop', collection: 'products', shards, replicationFactor, minInSync, vectors });
  story.untilRest();
  return story;
}

const stories: readonly [string, () => Story][] = [
  [
    'failover',
    () => {
      const story = withCopies('the Pod of a primary goes: a copy in sync leads at once, and the old one comes back into the set', 3, 2);
      story.tell('shop-data-0, the primary, is evicted');
      story.evict('shop-data-0');
      story.untilRest();
      story.tell('shop-data-1, the new primary, is evicted five seconds later');
      story.passes(5);
      story.evict('shop-data-1');
      story.untilRest();
      return story;
    },
  ],
  [
    'silent-primary',
    () => {
      const story = withCopies('a primary that nobody hears is failed over without a word from Kubernetes', 3, 2);
      story.tell('the process of shop-data-0 hangs');
      story.silence('shop-data-0');
      story.untilRest();
      return story;
    },
  ],
  [
    'primary-restart',
    () => {
      const story = withCopies('the process of a primary starts again: another copy leads meanwhile, and the old one stays in sync', 3, 2);
      story.tell('the process of shop-data-0 is killed and started by its kubelet');
      story.restartProcess('shop-data-0');
      story.untilRest();
      return story;
    },
  ],
  [
    'lost-volume',
    () => {
      const story = withCopies('a volume is lost: the node comes back with another copy, and the entry of the old one goes', 3, 2);
      story.tell('the volume of shop-data-0, the primary, is lost with its Pod');
      story.loseVolume('shop-data-0');
      story.untilRest();
      return story;
    },
  ],
  [
    'no-copy-left',
    () => {
      const story = withCopies('with one copy in sync left and gone, nobody else is named', 2, 1);
      story.tell('zone b is gone, and with it the second copy');
      story.zoneFails('b');
      story.untilRest();
      story.tell('zone a is gone too, and with it the only copy in sync; zone b comes back with what it had');
      story.zoneFails('a');
      story.zoneReturns('b');
      story.untilRest();
      story.tell('zone a comes back');
      story.zoneReturns('a');
      story.untilRest();
      return story;
    },
  ],
  [
    'hand-over',
    () => {
      const story = withCopies('a primary hands over when it is asked; one that does not drain is left where it is', 3, 2);
      story.tell('shop-data-0 is asked to hand over to shop-data-1');
      story.askHandOver(0, 'shop-data-1');
      story.untilRest();
      story.tell('shop-data-1 is asked to hand over to shop-data-2, and goes on writing');
      story.keepFromDraining('shop-data-1');
      story.askHandOver(0, 'shop-data-2');
      story.untilRest();
      story.passes(5);
      story.untilRest();
      return story;
    },
  ],
  [
    'replication-factor',
    () => {
      const story = withCopies('copies are added and taken away while the shard serves', 1);
      story.tell('three copies are asked for, two of them for each write');
      story.editCollection('shop-products', { replicationFactor: 3, minInSync: 2 });
      story.untilRest();
      story.tell('one is enough after all');
      story.editCollection('shop-products', { replicationFactor: 1, minInSync: 1 });
      story.untilRest();
      return story;
    },
  ],
  [
    'too-few-nodes',
    () => {
      const story = withCopies('more copies than nodes: what is missing is told, and made when nodes come', 3, 2, 2);
      story.tell('a third node is asked for');
      story.cluster({ pools: [{ name: 'data', replicas: 3, storage: { size: '10Gi' } }] });
      story.untilRest();
      return story;
    },
  ],
  [
    'node-lost',
    () => {
      const story = withCopies('a zone does not come back within the grace period: its copy is made anew elsewhere', 3, 2, 4);
      story.tell('zone b is gone');
      story.zoneFails('b');
      story.untilRest();
      story.tell('a minute passes');
      story.passes(60);
      story.untilRest();
      story.tell('zone b is back');
      story.zoneReturns('b');
      story.untilRest();
      return story;
    },
  ],
  [
    'balance',
    () => {
      const story = withCopies('primaries go back to a node that lost them, once all is calm', 3, 2, 3, 3);
      story.tell('shop-data-0 is evicted, and comes back');
      story.evict('shop-data-0');
      story.untilRest();
      story.tell('a minute passes');
      story.passes(60);
      story.untilRest();
      return story;
    },
  ],
  [
    'rollout-with-copies',
    () => {
      const story = withCopies('a new version with three copies: primaries are handed over first, and no copy is missed', 3, 2);
      story.tell('version 0.2.0 is asked for');
      story.cluster({ version: '0.2.0', pools: [{ name: 'data', replicas: 3, storage: { size: '10Gi' } }] });
      story.untilRest();
      return story;
    },
  ],
  [
    'rollout-of-readers',
    () => {
      const story = withCopies('nodes for reads are replaced first', 2, 1);
      const pools = [
        { name: 'data', replicas: 3, storage: { size: '10Gi' } },
        { name: 'readers', role: 'Read' as const, replicas: 1, storage: { size: '10Gi' } },
      ];
      story.cluster({ pools });
      story.untilRest();
      story.tell('version 0.2.0 is asked for');
      story.cluster({ version: '0.2.0', pools });
      story.untilRest();
      return story;
    },
  ],
  [
    'rollout-refused',
    () => {
      const story = withCopies('two copies that are both needed for a write leave no room for a rollout, and that is said', 2, 2);
      story.tell('version 0.2.0 is asked for');
      story.cluster({ version: '0.2.0', pools: [{ name: 'data', replicas: 3, storage: { size: '10Gi' } }] });
      story.untilRest();
      story.tell('one copy in sync is made enough');
      story.editCollection('shop-products', { minInSync: 1 });
      story.untilRest();
      return story;
    },
  ],
  [
    'read-replicas',
    () => {
      const story = withCopies('readers follow, and are never in sync', 2);
      story.tell('a pool of readers is added, and a copy on each of two');
      const data = { name: 'data', replicas: 3, storage: { size: '10Gi' } };
      story.cluster({ pools: [data, { name: 'readers', role: 'Read', replicas: 2, storage: { size: '10Gi' } }] });
      story.editCollection('shop-products', { readReplicas: 2 });
      story.untilRest();
      story.tell('one is enough');
      story.editCollection('shop-products', { readReplicas: 1 });
      story.untilRest();
      return story;
    },
  ],
];

test.for(stories)('%s', async ([name, tell]) => {
  await expect(tell().text).toMatchFileSnapshot(`./testdata/${name}.golden`);
});
