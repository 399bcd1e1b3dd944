/** A machine under one storage node is in trouble and gets over it, again and again, while clients of the other nodes write and read. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { expectNoFailure } from './load/expect-no-failure.ts';
import type { MachineFault } from './machines.ts';
import { loadWords, pauseWords } from './report/load-words.ts';
import type { Scenario, World } from './scenario.ts';
import { inShop } from './shop.ts';
import { allInSync } from './watch/copies.ts';
import { machineOf, machineOfLeader, nodesOn } from './whereabouts.ts';

const steadyMs = 10_000;
/** Long enough that the machine is NotReady, and too short for its Pods to be evicted. */
const troubleMs = 45_000;
const backWithinSeconds = 240;
const nodes = ['shop-data-0', 'shop-data-1', 'shop-data-2'];

export interface Trouble {
  readonly fault: MachineFault;
  readonly remedy: MachineFault;
  readonly words: string;
}

/** The operator that decides is elsewhere: it being lost as well is a scenario of its own. */
export async function inTrouble(scenario: Scenario, world: World, { fault, remedy, words }: Trouble): Promise<void> {
  const { stages, say, runs, target } = world;
  await inShop(scenario, world, {}, async (shop) => {
    const leaders = await machineOfLeader(shop);
    const victims = nodes.filter((node) => machineOf(shop.watch.view(), node) !== leaders);
    const [victim = '', other = ''] = victims;
    const machine = machineOf(shop.watch.view(), victim);
    const survivors = nodes.filter((node) => node !== victim);
    await using load = await stages.run(`clients write to and read from ${survivors.join(' and ')}`, () =>
      shop.load({ nodes: survivors, machine: machineOf(shop.watch.view(), other) }),
    );
    await load.phase('steady');
    await delay(steadyMs);
    for (let run = 1; run <= runs; run += 1) {
      await stages.run(`${machine}, with ${nodesOn(shop.watch.view(), [machine]).join()}, ${words}`, async () => {
        await load.phase(`${fault} ${run}`);
        await target.machines?.inflict(fault, machine);
        await delay(troubleMs);
        assert.deepEqual(shop.watch.changes().made, [], 'no Pod is replaced for it');
      });
      await stages.run('it is back, and all copies are in sync', async () => {
        await load.phase(`${remedy} ${run}`);
        await target.machines?.inflict(remedy, machine);
        await shop.untilCurrent(backWithinSeconds);
        await shop.watch.until('all copies are in sync', backWithinSeconds, ({ shards }) => allInSync(shards, 3));
      });
    }
    const record = await load.stop();
    loadWords(record).forEach(say);
    say(pauseWords(record, fault));
    expectNoFailure(record);
  });
}
