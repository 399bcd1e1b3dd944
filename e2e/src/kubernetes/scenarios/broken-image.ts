import assert from 'node:assert/strict';
import { crashingImage, missingImage, storageNodeImage } from '../images.ts';
import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';
import { stalledBecause } from '../watch/conditions.ts';

const stalledWithinSeconds = 240;
const broken = [
  { image: missingImage, says: /does not become Ready: (ErrImagePull|ImagePullBackOff|ErrImageNeverPull).*; see / },
  { image: crashingImage, says: /does not become Ready: it crashes again and again, last with exit code 9; see / },
];

export const brokenImage: Scenario = {
  name: 'broken-image',
  promise: 'an image that does not work stops at the first node, says why, fails no request, and goes when the spec is corrected',
  needs: ['loadImage'],
  run: async (world) => {
    const { stages } = world;
    await inShop(brokenImage, world, {}, async (shop) => {
      await underLoad(world, shop, {}, async (load) => {
        for (const { image, says } of broken) {
          const hit = await stages.run(
            `${image} is asked for`,
            async () => {
              await load.phase(`to ${image.split(':')[1]}`);
              await shop.patch({ image });
              await shop.watch.until(`Stalled says ${says}`, stalledWithinSeconds, ({ cluster }) =>
                says.test(stalledBecause(cluster) ?? ''),
              );
              const { made, mostDown } = shop.watch.changes();
              assert.deepEqual(
                { nodes: made.length, mostDown },
                { nodes: 1, mostDown: 1 },
                `only one node is replaced, not ${made.join(', ')}`,
              );
              return made;
            },
            (made) => `Stalled, and only ${made.join()} is away`,
          );
          await stages.run(`${storageNodeImage} is asked for again`, async () => {
            await load.phase('back again');
            await shop.patch({ image: storageNodeImage });
            await shop.untilCurrent();
            assert.deepEqual(shop.watch.changes(), { made: hit, mostDown: 1 }, 'only the node that was hit is replaced');
          });
        }
      });
    });
  },
};
