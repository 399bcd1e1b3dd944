/** One life of a cluster from one seed: it begins, is troubled for a while, and must be whole again afterwards. */
import type { Hash } from '@vectorcluster/storage-node/coordinator/router.ts';
import type { ReplicaStep } from '@vectorcluster/storage-node/replication/step.ts';
import { Violation } from './checks/violation.ts';
import type { Counts } from './clients/client.ts';
import { planFaults, type Fault } from './faults/plan-faults.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly hash: Hash;
  /** Simulated seconds during which there are faults. */
  readonly steps: number;
  /** How many faults. */
  readonly faults: number;
  readonly only?: ((fault: Fault, index: number) => boolean) | undefined;
  readonly step?: ReplicaStep | undefined;
}

export interface SimulationResult {
  readonly harm: Violation | undefined;
  readonly story: readonly string[];
  readonly traceHash: string;
  readonly happened: number;
  readonly faults: number;
  readonly counts: Counts;
  readonly simulatedMs: number;
}

/** In which a cluster must be whole again once nothing troubles it any more. */
const recoveryMs = 180_000;
const beginningMs = 20_000;

export async function simulate({ seed, hash, steps, faults, only = () => true, step }: SimulationOptions): Promise<SimulationResult> {
  const world = new World({ seed, hash, step });
  const isOver = () => world.harm !== undefined;
  const { timeline } = world;
  await timeline.run(beginningMs, isOver);
  if (!world.isWhole) world.fail(new Violation('liveness', 'the cluster did not come up'));
  const planned = planFaults(world.chance.of('faults'), {
    world,
    fromMs: beginningMs,
    toMs: beginningMs + steps * 1000,
    count: faults,
  }).filter(only);
  let injected = 0;
  for (const { atMs, name, begin } of planned) {
    timeline.after(atMs - timeline.now, `fault ${name}`, () => {
      const told = begin();
      if (told === undefined) return;
      injected += 1;
      world.tell(told);
    });
  }
  await timeline.run(beginningMs + steps * 1000, isOver);
  world.heal();
  await untilWhole(world, isOver);
  await world.compareReplicas();
  return {
    harm: world.harm,
    story: world.story,
    traceHash: timeline.trace.text,
    happened: timeline.happened,
    faults: injected,
    counts: world.counts,
    simulatedMs: timeline.now,
  };
}

async function untilWhole(world: World, isOver: () => boolean): Promise<void> {
  const { timeline } = world;
  const end = timeline.now + recoveryMs;
  while (timeline.now < end && !isOver() && !world.isWhole) await timeline.run(timeline.now + 1_000, isOver);
  if (isOver()) return;
  if (!world.isWhole)
    return world.fail(new Violation('liveness', `not whole ${recoveryMs / 1000} s after the last fault: ${world.whyNotWhole()}`));
  for (const client of world.clients) client.isActive = false;
  await timeline.run(timeline.now + 30_000, isOver);
  const waiting = world.clients.filter(({ isUnderWay }) => isUnderWay);
  if (!isOver() && waiting.length > 0) world.fail(new Violation('liveness', `${waiting.length} requests are not answered`));
}
