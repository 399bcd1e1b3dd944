import type { Scenario } from '../scenario.ts';
import { inShop } from '../shop.ts';
import { underLoad } from '../under-load.ts';
import { allInSync } from '../watch/copies.ts';
import { machineOf, nodesOn } from '../whereabouts.ts';

const gracePeriodSeconds = 30;
/** After the grace period. */
const restoredWithinSeconds = 60;
const backWithinSeconds = 300;
const stays = 'shop-data-2';

export const zoneLost: Scenario = {
  name: 'zone-lost',
  promise: 'all machines of a zone are lost for longer than the grace period: the other zones serve on and make the lost copies anew',
  needs: ['machines'],
  run: async (world) => {
    const { stages, target } = world;
    const spec = { pools: [{ name: 'data', replicas: 6, storage: { size: '10Gi' } }], repair: { gracePeriodSeconds } };
    await inShop(zoneLost, world, spec, async (shop) => {
      const view = shop.watch.view();
      const zone = view.pods.find(({ metadata }) => metadata.name === 'shop-data-1')?.metadata.labels?.['vectorcluster.io/zone'] ?? '';
      const machines = await machinesOfZone(shop.kubectl, zone);
      const lost = nodesOn(view, machines);
      const survivors = view.pods.map(({ metadata }) => metadata.name).filter((node) => !lost.includes(node));
      await underLoad(world, shop, { nodes: survivors, machine: machineOf(view, stays) }, async (load) => {
        await stages.run(`zone ${zone} is lost, with ${lost.join(' and ')}; all copies are made anew elsewhere`, async () => {
          await load.phase('zone lost');
          for (const machine of machines) await target.machines?.inflict('kill', machine);
          await shop.watch.until('each shard has 3 copies in sync elsewhere', gracePeriodSeconds + restoredWithinSeconds, ({ shards }) =>
            allInSync(shards, 3, lost),
          );
        });
        await stages.run('the zone is back', async () => {
          await load.phase('zone back');
          for (const machine of machines) await target.machines?.inflict('start', machine);
          await shop.untilCurrent(backWithinSeconds);
        });
      });
    });
  },
};

async function machinesOfZone(kubectl: (...args: readonly string[]) => Promise<string>, zone: string): Promise<readonly string[]> {
  const selector = `--selector=topology.kubernetes.io/zone=${zone}`;
  return (await kubectl('get', 'nodes', selector, '--output=jsonpath={.items[*].metadata.name}')).split(' ');
}
