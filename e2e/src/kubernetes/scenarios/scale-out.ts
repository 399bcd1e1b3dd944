import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';

export const scaleOut: Scenario = {
  name: 'scale-out',
  promise: 'two more nodes join under load: no request fails, and no other node is touched',
  needs: [],
  run: async (world) => {
    const { stages } = world;
    await inShop(scaleOut, world, {}, async (shop) => {
      await underLoad(world, shop, {}, async (load) => {
        await stages.run('five nodes are asked for', async () => {
          await load.phase('scale-out');
          await shop.patch({ pools: [{ name: 'data', replicas: 5, storage: { size: '10Gi' } }] });
          await shop.untilCurrent();
          assert.deepEqual(shop.watch.changes().made, ['shop-data-3', 'shop-data-4']);
        });
      });
    });
  },
};
