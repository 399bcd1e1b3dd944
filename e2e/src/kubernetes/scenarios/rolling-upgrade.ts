import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { newerImage, storageNodeImage } from '../images.ts';
import { upgradePhase, upgradeWords } from '../report/upgrade-words.ts';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';

const steadyMs = 20_000;
const upgradedWithinSeconds = 300;
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];

export const rollingUpgrade: Scenario = {
  name: 'rolling-upgrade',
  promise: 'a new image is rolled out and taken back under load: no request fails, no write is lost, one node at a time',
  needs: ['loadImage'],
  run: async (world) => {
    const { stages, say, requests } = world;
    await inShop(rollingUpgrade, world, {}, async (shop) => {
      const record = await underLoad(world, shop, {}, async (load) => {
        const upgradeTo = (image: string) =>
          stages.run(`the nodes are upgraded to ${image}, one at a time`, async () => {
            await load.phase(`${upgradePhase}${image.split(':')[1]}`);
            await shop.patch({ image });
            await shop.untilCurrent(upgradedWithinSeconds);
            const changes = shop.watch.changes();
            assert.deepEqual(changes, { made: nodes, mostDown: 1 }, 'each node is replaced once, and no two at a time');
          });
        let sent: number;
        do {
          await upgradeTo(newerImage);
          await upgradeTo(storageNodeImage);
          sent = await load.phase('steady again');
          await delay(steadyMs);
        } while (sent < requests);
      });
      say(upgradeWords(record));
    });
  },
};
