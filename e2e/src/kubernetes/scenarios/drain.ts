import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';
import { allInSync } from '../watch/copies.ts';
import { machineOf } from '../whereabouts.ts';

const steadyMs = 10_000;
const drained = 'shop-data-1';
const stays = 'shop-data-2';

export const drain: Scenario = {
  name: 'drain',
  promise: 'kubectl drain empties a machine under load: no request fails, and the node comes back when the machine does',
  needs: [],
  run: async (world) => {
    const { stages } = world;
    await inShop(drain, world, {}, async (shop) => {
      const view = shop.watch.view();
      const machine = machineOf(view, drained);
      await underLoad(world, shop, { machine: machineOf(view, stays) }, async (load) => {
        await stages.run(`${machine} is drained of ${drained}`, async () => {
          await load.phase('drain');
          await shop.kubectl('drain', machine, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=180s');
          await delay(steadyMs);
        });
        await stages.run(`${machine} takes Pods again`, async () => {
          await load.phase('uncordon');
          await shop.kubectl('uncordon', machine);
          await shop.untilCurrent();
          await shop.watch.until('all copies are in sync', 120, ({ shards }) => allInSync(shards, 3));
          assert.deepEqual(shop.watch.changes(), { made: [drained], mostDown: 1 }, 'only the drained node is replaced');
        });
      });
    });
  },
};
