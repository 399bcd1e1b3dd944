import { expect, test } from 'vitest';
import { Story } from '../../test/story/story.ts';

const pool = (name: string, replicas: number) => ({ name, replicas, storage: { size: '10Gi' } });

interface Begun {
  readonly nodes: number;
  readonly zones?: readonly string[];
  readonly copies?: number;
  readonly shards?: number;
}

/** Nodes over zones, and a collection on them. */
function begun(title: string, { nodes, zones = ['a', 'b', 'c'], copies = 2, shards = 2 }: Begun): Story {
  const story = new Story(title);
  for (const zone of zones) story.kubernetesNode(`kube-${zone}`, zone);
  story.cluster({ pools: [pool('data', nodes)] });
  const vectors = [{ name: '', size: 4, distance: 'Dot' as const }];
  story.quietly(() => story.untilRest());
  story.collection('shop-products', {
    clusterName: 'shop',
    collection: 'products',
    shards,
    replicationFactor: copies,
    minInSync: 1,
    vectors,
  });
  story.untilRest();
  return story;
}

const stories: readonly [string, () => Story][] = [
  [
    'scale-in',
    () => {
      const story = begun('one node fewer: its copies go to others, then it goes with its volume', { nodes: 4, copies: 3 });
      story.tell('three replicas are asked for');
      story.cluster({ pools: [pool('data', 3)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'scale-in-single-copies',
    () => {
      const story = begun('shards of one copy move too, and their primaries hand over', { nodes: 3, copies: 1, shards: 6 });
      story.tell('two replicas are asked for');
      story.cluster({ pools: [pool('data', 2)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'scale-in-cancelled',
    () => {
      const story = begun('who is leaving stays when more nodes are wanted again', { nodes: 4, copies: 2, shards: 8 });
      story.tell('three replicas are asked for');
      story.cluster({ pools: [pool('data', 3)] });
      story.live(2);
      story.tell('four after all');
      story.cluster({ pools: [pool('data', 4)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'scale-in-refused',
    () => {
      const story = begun('fewer nodes than copies are refused in numbers, and nothing is changed', { nodes: 3, copies: 3 });
      story.tell('two replicas are asked for');
      story.cluster({ pools: [pool('data', 2)] });
      story.untilRest();
      story.tell('two copies are enough');
      story.editCollection('shop-products', { replicationFactor: 2 });
      story.untilRest();
      return story;
    },
  ],
  [
    'pool-removed',
    () => {
      const story = begun('a pool is replaced by another: its nodes leave when the others are there', { nodes: 2, copies: 2 });
      story.tell('pool data is taken out');
      story.cluster({ pools: [pool('large', 1)] });
      story.untilRest();
      story.tell('pool large gets a second node');
      story.cluster({ pools: [pool('large', 2)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'zone-added',
    () => {
      const story = begun('a zone is added: a node comes there before one of a crowded zone leaves', { nodes: 4, zones: ['a', 'b'] });
      story.tell('zone c gets a Kubernetes node');
      story.kubernetesNode('kube-c', 'c');
      story.untilRest();
      return story;
    },
  ],
  [
    'readers-scaled-in',
    () => {
      const story = begun('readers leave like others: who holds nothing first, and never more than can be spared', {
        nodes: 2,
        copies: 2,
        shards: 1,
      });
      const readers = (replicas: number) => ({ ...pool('readers', replicas), role: 'Read' as const });
      story.cluster({ pools: [pool('data', 2), readers(3)] });
      story.editCollection('shop-products', { readReplicas: 2 });
      story.quietly(() => story.untilRest());
      story.tell('two readers are asked for');
      story.cluster({ pools: [pool('data', 2), readers(2)] });
      story.untilRest();
      story.tell('one reader is asked for');
      story.cluster({ pools: [pool('data', 2), readers(1)] });
      story.untilRest();
      return story;
    },
  ],
  [
    'drain',
    () => {
      const story = begun('a Kubernetes node is drained: primaries go first, and no other node may while copies are missing', {
        nodes: 3,
        copies: 3,
      });
      story.tell('kube-a is cordoned');
      story.cordon('a');
      story.untilRest();
      story.tell('shop-data-0 is evicted by the drain');
      story.deletePod('shop-data-0');
      story.untilRest();
      story.tell('kube-a is uncordoned');
      story.zoneReturns('a');
      story.untilRest();
      return story;
    },
  ],
  [
    'zone-lost',
    () => {
      const story = begun('a zone is lost with all its nodes: its copies are made elsewhere, and go back when it does', {
        nodes: 6,
        copies: 3,
      });
      story.tell('zone b is gone');
      story.zoneFails('b');
      story.untilRest();
      story.tell('the grace period ends');
      story.passes(60);
      const lostAt = story.now.getTime();
      story.untilRest();
      expect(story.now.getTime() - lostAt).toBeLessThan(60_000);
      story.tell('zone b is back');
      story.zoneReturns('b');
      story.untilRest();
      return story;
    },
  ],
  [
    'zone-removed',
    () => {
      const story = begun('a zone is given up: its nodes are replaced, one at a time', { nodes: 3, copies: 2 });
      story.tell('only zones a and b are listed');
      story.cluster({ zones: { values: ['a', 'b'] }, pools: [pool('data', 3)] });
      story.untilRest();
      return story;
    },
  ],
];

test.for(stories)('%s', async ([name, tell]) => {
  await expect(tell().text).toMatchFileSnapshot(`./testdata/${name}.golden`);
});
