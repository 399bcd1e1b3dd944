import { expect, test } from 'vitest';
import { Story } from '../../test/story/story.ts';
import { deleteVolume, putStorageClass, putVolumeStatus } from '../../test/story/volumes.ts';

const data = (size: string) => ({ name: 'data', replicas: 3, storage: { size, storageClassName: 'standard' } });
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];
const bound = (storage: string) => ({ phase: 'Bound', capacity: { storage } });

function withVolumes(title: string, { expandable = true } = {}): Story {
  const story = new Story(title);
  for (const zone of ['a', 'b', 'c']) story.kubernetesNode(`kube-${zone}`, zone);
  putStorageClass(story.store, 'standard', expandable);
  story.cluster({ pools: [data('10Gi')], collectionDefaults: { replicationFactor: 3, minInSync: 2 } });
  story.quietly(() => story.untilRest());
  for (const node of nodes) putVolumeStatus(story.store, node, bound('10Gi'));
  return story;
}

const products = { clusterName: 'shop', collection: 'products', shards: 1, vectors: [{ name: '', size: 4, distance: 'Dot' as const }] };

const stories: readonly [string, () => Story][] = [
  [
    'volume-growth',
    () => {
      const story = withVolumes('volumes grow one by one');
      story.tell('20Gi are asked for');
      story.cluster({ pools: [data('20Gi')] });
      story.untilRest();
      story.tell('the disk of shop-data-0 has grown, its file system has not');
      const lastTransitionTime = story.now.toISOString();
      const pending = { type: 'FileSystemResizePending', status: 'True', message: 'waiting for the node', lastTransitionTime };
      putVolumeStatus(story.store, 'shop-data-0', { ...bound('10Gi'), conditions: [pending] });
      story.untilRest();
      story.tell('eleven minutes pass');
      story.passes(660);
      story.untilRest();
      story.tell('the file system has grown');
      putVolumeStatus(story.store, 'shop-data-0', bound('20Gi'));
      story.untilRest();
      story.tell('the disk of shop-data-1 cannot grow, there is no room in the storage system');
      const failed = { type: 'ControllerResizeError', status: 'True', message: 'no space left in the pool' };
      putVolumeStatus(story.store, 'shop-data-1', { ...bound('10Gi'), conditions: [failed] });
      story.untilRest();
      story.tell('there is room again, and all have grown');
      putVolumeStatus(story.store, 'shop-data-1', bound('20Gi'));
      story.untilRest();
      putVolumeStatus(story.store, 'shop-data-2', bound('20Gi'));
      story.untilRest();
      return story;
    },
  ],
  [
    'volume-growth-refused',
    () => {
      const story = withVolumes('volumes of a class that does not allow it are not touched', { expandable: false });
      story.tell('20Gi are asked for');
      story.cluster({ pools: [data('20Gi')] });
      story.untilRest();
      story.tell('the class allows it now');
      putStorageClass(story.store, 'standard', true);
      story.untilRest();
      return story;
    },
  ],
  [
    'volume-lost',
    () => {
      const story = withVolumes('a claim that has lost its volume goes with its node, and the copies are made anew');
      story.collection('shop-products', products);
      story.quietly(() => story.untilRest());
      story.tell('the PersistentVolume of shop-data-1 is gone, and its Pod was evicted');
      putVolumeStatus(story.store, 'shop-data-1', { phase: 'Lost' });
      story.evict('shop-data-1');
      story.untilRest();
      return story;
    },
  ],
  [
    'volume-lost-with-last-copy',
    () => {
      const story = withVolumes('a lost volume with the last copy of a shard is left to a person');
      story.collection('shop-products', { ...products, replicationFactor: 1 });
      story.quietly(() => story.untilRest());
      story.tell('the PersistentVolume of shop-data-0, which has the only copy, is gone, and its Pod was evicted');
      putVolumeStatus(story.store, 'shop-data-0', { phase: 'Lost' });
      story.evict('shop-data-0');
      story.untilRest();
      return story;
    },
  ],
  [
    'volume-deleted-by-hand',
    () => {
      const story = withVolumes('a claim that somebody deleted stays while its Pod runs, which is told');
      story.tell('the claim of shop-data-1 is deleted');
      deleteVolume(story.store, 'shop-data-1', story.now);
      story.untilRest();
      story.tell('its Pod is deleted too, and the claim goes with it');
      story.loseVolume('shop-data-1');
      story.untilRest();
      return story;
    },
  ],
];

test.for(stories)('%s', async ([name, tell]) => {
  await expect(tell().text).toMatchFileSnapshot(`./testdata/${name}.golden`);
});
