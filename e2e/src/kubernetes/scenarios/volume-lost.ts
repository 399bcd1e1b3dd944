import assert from 'node:assert/strict';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';
import type { ClusterView } from '../watch/cluster-watch.ts';
import { allInSync } from '../watch/copies.ts';

const restoredWithinSeconds = 120;
const lost = 'shop-data-1';

export const volumeLost: Scenario = {
  name: 'volume-lost',
  promise: 'a node loses its volume under load: it gets a new one, and its copies are made anew from the others; no request fails',
  needs: [],
  run: async (world) => {
    await inShop(volumeLost, world, {}, async (shop) => {
      await underLoad(world, shop, {}, async (load) => {
        await world.stages.run(`the volume of ${lost} is deleted with its Pod, and made up for`, async () => {
          await load.phase('volume lost');
          const before = await volumeOf(shop.kubectl);
          await shop.kubectl('delete', 'persistentvolumeclaim', `data-${lost}`, '--wait=false');
          const pod = uidOf(shop.watch.view());
          await shop.kubectl('delete', 'pod', lost);
          await shop.watch.until('there is a new Pod', restoredWithinSeconds, (view) => ![pod, undefined].includes(uidOf(view)));
          await shop.untilCurrent();
          await shop.watch.until('all copies are in sync', restoredWithinSeconds, ({ shards }) => allInSync(shards, 3));
          assert.notEqual(await volumeOf(shop.kubectl), before, 'the volume must be a new one');
          assert.deepEqual(shop.watch.changes(), { made: [lost], mostDown: 1 }, 'no other node is replaced');
        });
      });
    });
  },
};

function uidOf({ pods }: ClusterView): string | undefined {
  return pods.find(({ metadata }) => metadata.name === lost)?.metadata.uid;
}

async function volumeOf(kubectl: (...args: readonly string[]) => Promise<string>): Promise<string> {
  return await kubectl('get', 'persistentvolumeclaim', `data-${lost}`, '--output=jsonpath={.spec.volumeName}');
}
