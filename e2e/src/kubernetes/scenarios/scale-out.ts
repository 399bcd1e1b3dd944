import assert from 'node:assert/strict';
import { expectNoFailure } from '../load/expect-no-failure.ts';
import { loadWords } from '../report/load-words.ts';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';

export const scaleOut: Scenario = {
  name: 'scale-out',
  promise: 'two more nodes join under load: no request fails, and no other node is touched',
  needs: [],
  run: async (world) => {
    const { stages, say } = world;
    await inShop(scaleOut, world, {}, async (shop) => {
      await using load = await stages.run('clients write and read through the Service', () => shop.load());
      await stages.run('five nodes are asked for', async () => {
        await load.phase('scale-out');
        await shop.patch({ pools: [{ name: 'data', replicas: 5, storage: { size: '10Gi' } }] });
        await shop.untilCurrent();
        assert.deepEqual(shop.watch.changes().made, ['shop-data-3', 'shop-data-4']);
      });
      const record = await load.stop();
      loadWords(record).forEach(say);
      expectNoFailure(record);
    });
  },
};
