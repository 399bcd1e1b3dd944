import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { newerImage } from '../images.ts';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { plannedFor } from '../watch/conditions.ts';
import type { ClusterView } from '../watch/cluster-watch.ts';

const plannedWithinSeconds = 60;
/** In which a node would be replaced if nothing held it back. */
const nothingForMs = 15_000;
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];

export const pausedUpgrade: Scenario = {
  name: 'paused-upgrade',
  promise: 'an upgrade waits while spec.update.pause is true, says so of each node, and goes on when it is not',
  needs: ['loadImage'],
  run: async (world) => {
    const { stages } = world;
    await inShop(pausedUpgrade, world, {}, async (shop) => {
      const staysAsItIs = async () => {
        await shop.watch.until('nodes wait', plannedWithinSeconds, (view) => nodes.some((node) => waits(view, node)) && allReady(view));
        const { made } = shop.watch.changes();
        await delay(nothingForMs);
        assert.deepEqual(shop.watch.changes().made, [], 'no node is replaced while updates are paused');
        return made;
      };
      await stages.run('an upgrade that is paused from the start touches nothing', async () => {
        await shop.patch({ image: newerImage, update: { pause: true } });
        assert.deepEqual(await staysAsItIs(), []);
        assert.deepEqual(
          nodes.filter((node) => waits(shop.watch.view(), node)),
          nodes,
          'each node says that it waits',
        );
      });
      const before = await stages.run('it is let go, and paused after the first node', async () => {
        await shop.patch({ update: { pause: false } });
        await shop.watch.until('one node is new', plannedWithinSeconds, ({ pods }) => pods.some(isNewer));
        await shop.patch({ update: { pause: true } });
        return await staysAsItIs();
      });
      await stages.run('it is let go to its end', async () => {
        await shop.patch({ update: { pause: false } });
        await shop.untilCurrent();
        assert.deepEqual([...before, ...shop.watch.changes().made].toSorted(), nodes, 'each node is replaced once');
      });
    });
  },
};

function waits({ cluster }: ClusterView, node: string): boolean {
  return plannedFor(cluster, node).some((because) => because.endsWith('but spec.update.pause is true'));
}

function allReady({ cluster }: ClusterView): boolean {
  const { ready, total } = cluster.status?.nodes ?? {};
  return ready === total;
}

function isNewer({ spec }: ClusterView['pods'][number]): boolean {
  return spec?.containers[0]?.image === newerImage;
}
