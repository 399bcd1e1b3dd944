import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { newerImage } from '../images.ts';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';
import { leaderPod } from '../whereabouts.ts';

const withoutMs = 20_000;
const upgradedWithinSeconds = 300;
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];

export const operatorLost: Scenario = {
  name: 'operator-lost',
  promise: 'the operator is killed in the middle of an upgrade and another goes on with it; without any operator, clients are served on',
  needs: ['loadImage'],
  run: async (world) => {
    const { stages } = world;
    await inShop(operatorLost, world, {}, async (shop) => {
      await underLoad(world, shop, {}, async (load) => {
        await stages.run('an upgrade goes on although who leads it is killed', async () => {
          await load.phase('upgrade');
          await shop.patch({ image: newerImage });
          await shop.watch.until('a node is replaced', 60, ({ pods }) =>
            pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined),
          );
          await shop.kubectl('delete', 'pod', await leaderPod(shop), '--grace-period=1');
          await shop.untilCurrent(upgradedWithinSeconds);
          assert.deepEqual(shop.watch.changes(), { made: nodes, mostDown: 1 }, 'each node is replaced once, and no two at a time');
        });
        await stages.run('there is no operator at all', async () => {
          await load.phase('without operator');
          await shop.kubectl('scale', 'deployment', '--all', '--replicas=0');
          await delay(withoutMs);
          await shop.kubectl('scale', 'deployment', '--all', '--replicas=2');
          await shop.kubectl('rollout', 'status', 'deployment', '--timeout=120s');
        });
      });
    });
  },
};
