import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';
import { inShop, type Shop } from '../shop.ts';

export const deletion: Scenario = {
  name: 'deletion',
  promise: 'with deletionPolicy Delete nothing of a cluster is left, with Retain only its volumes',
  needs: [],
  run: async (world) => {
    const { stages } = world;
    await inShop(deletion, world, { deletionPolicy: 'Delete' }, async (shop) => {
      await using load = await stages.run('clients make a collection', () => shop.load());
      await load.stop();
      await stages.run('the cluster is deleted, with its volumes', async () => {
        await shop.remove();
        assert.deepEqual(await left(shop), []);
      });
      await stages.run('it is made again with Retain, and deleted: its volumes are left', async () => {
        await shop.make({ deletionPolicy: 'Retain' });
        await shop.remove();
        const volumes = ['shop-data-0', 'shop-data-1', 'shop-data-2'].map((node) => `persistentvolumeclaim/data-${node}`);
        assert.deepEqual(await left(shop), volumes);
      });
    });
  },
};

async function left({ kubectl }: Shop): Promise<readonly string[]> {
  const kinds = 'vectorclusters,vectorpools,vectorcollections,vectorshards,persistentvolumeclaims,services,poddisruptionbudgets';
  const selector = '--selector=vectorcluster.io/cluster=shop';
  const names = await kubectl('get', kinds, selector, '--output=name');
  return names.trim() === '' ? [] : names.trim().split('\n');
}
