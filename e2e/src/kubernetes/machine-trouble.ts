/** A machine under one storage node is in trouble and gets over it, again and again, while clients of the other nodes write and read. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineFault } from './machines.ts';
import { pauseWords } from './report/load-words.ts';
import type { Scenario, World } from './scenario.ts';
import { inShop } from './shop.ts';
import { underLoad } from './under-load.ts';
import { allInSync } from './watch/copies.ts';
import { machineOf, machineOfLeader } from './whereabouts.ts';

/** Long enough that the machine is NotReady, and too short for its Pods to be evicted. */
const troubleMs = 45_000;
const backWithinSeconds = 240;
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];

export interface Trouble {
  readonly fault: MachineFault;
  readonly remedy: MachineFault;
  readonly words: string;
}

/** The operator that decides is elsewhere: it being lost as well is not what the figures are about. */
export async function inTrouble(scenario: Scenario, world: World, { fault, remedy, words }: Trouble): Promise<void> {
  const { stages, say, runs, target } = world;
  await inShop(scenario, world, {}, async (shop) => {
    const { watch } = shop;
    const leaders = await machineOfLeader(shop);
    const [victim = '', other = ''] = nodes.filter((node) => machineOf(watch.view(), node) !== leaders);
    const machine = machineOf(watch.view(), victim);
    const survivors = nodes.filter((node) => node !== victim);
    const record = await underLoad(world, shop, { nodes: survivors, machine: machineOf(watch.view(), other) }, async (load) => {
      for (let run = 1; run <= runs; run += 1) {
        await stages.run(`${machine}, with ${victim}, ${words}`, async () => {
          await load.phase(`${fault} ${run}`);
          await target.machines?.inflict(fault, machine);
          await delay(troubleMs);
          assert.deepEqual(watch.changes().made, [], 'no Pod is replaced for it');
        });
        await stages.run('it is back, and all copies are in sync', async () => {
          await load.phase(`${remedy} ${run}`);
          await target.machines?.inflict(remedy, machine);
          await shop.untilCurrent(backWithinSeconds);
          await watch.until('all copies are in sync', backWithinSeconds, ({ shards }) => allInSync(shards, 3));
        });
      }
    });
    say(pauseWords(record, fault));
  });
}
