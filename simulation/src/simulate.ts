/** One life of a cluster from one seed: it begins, is troubled for a while, and must be whole again afterwards. */
import type { Hash } from '@vectorcluster/storage-node/coordinator/router.ts';
import { Violation } from './checks/violation.ts';
import type { Counts } from './clients/client.ts';
import { planFaults } from './faults/plan-faults.ts';
import { asItIs, type Mutation } from './mutation.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly hash: Hash;
  /** Simulated seconds during which there are faults. */
  readonly steps: number;
  /** How many faults; each life has its own density when left out. */
  readonly faults?: number | undefined;
  /** Only these of them, by number. */
  readonly keep?: ReadonlySet<number> | undefined;
  /** A rule that is broken. */
  readonly mutation?: Mutation | undefined;
}

export interface SimulationResult {
  readonly harm: Violation | undefined;
  readonly story: readonly string[];
  /** Equal for equal options. */
  readonly traceHash: string;
  readonly happened: number;
  /** Numbers of the faults that could be. */
  readonly began: readonly number[];
  /** What of each kind began. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly counts: Counts;
  readonly simulatedMs: number;
}

/** In which a cluster must come up: where the API server is slow, each shard's first epoch takes half a second, one after the other. */
const beginningMs = 10_000;
/** In which a cluster must be whole again once nothing troubles it any more. */
const recoveryMs = 180_000;
/** In which what was asked before must be answered. */
const farewellMs = 30_000;
/** Nothing is asked any more: what copies have yet to apply they have applied by then. */
const quietMs = 3_000;

export async function simulate({ seed, hash, steps, faults, keep, mutation = asItIs }: SimulationOptions): Promise<SimulationResult> {
  const world = new World({ seed, hash, mutation });
  const isOver = () => world.harm !== undefined;
  const { timeline } = world;
  while (timeline.now < beginningMs && !isOver() && !world.isWhole) await timeline.run(timeline.now + 250, isOver);
  if (!world.isWhole) world.fail(new Violation('liveness', `the cluster did not come up: ${world.whyNotRecovered()}`));
  const fromMs = timeline.now;
  const toMs = fromMs + steps * 1000;
  const planned = planFaults(world.chance.of('faults'), { world, fromMs, toMs, count: faults });
  const began: number[] = [];
  const kinds = new Map<string, number>();
  for (const [number, { atMs, name, begin }] of planned.entries()) {
    if (keep?.has(number) === false) continue;
    timeline.after(atMs - timeline.now, `fault ${name}`, () => {
      const told = begin();
      if (told === undefined) return;
      began.push(number);
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
      world.tell(told);
    });
  }
  await timeline.run(toMs, isOver);
  if (!isOver()) world.heal();
  await untilWhole(world, isOver);
  await world.compareReplicas();
  const { harm, story, counts } = world;
  return { harm, story, traceHash: timeline.trace.text, happened: timeline.happened, began, kinds, counts, simulatedMs: timeline.now };
}

/** Whole, then without a request, then whole still: what was on its way when the troubles ended may take a copy out once more. */
async function untilWhole(world: World, isOver: () => boolean): Promise<void> {
  const { timeline } = world;
  const end = timeline.now + recoveryMs;
  await untilRecovered(world, end, isOver);
  if (isOver()) return;
  for (const client of world.clients) client.isActive = false;
  const farewell = timeline.now + farewellMs;
  const isAsking = (): boolean => world.clients.some(({ isUnderWay }) => isUnderWay);
  while (timeline.now < farewell && !isOver() && isAsking()) await timeline.run(timeline.now + 1_000, isOver);
  const waiting = world.clients.filter(({ isUnderWay }) => isUnderWay);
  if (!isOver() && waiting.length > 0) world.fail(new Violation('liveness', `${waiting.length} requests are not answered`));
  await timeline.run(timeline.now + quietMs, isOver);
  await untilRecovered(world, end, isOver);
  await timeline.run(timeline.now + quietMs, isOver);
  // A request that its client gave up long ago may come through as late as now. Copies that stay apart are for the comparison.
  while (timeline.now < end && !isOver() && !world.areCopiesEven) await timeline.run(timeline.now + 250, isOver);
}

async function untilRecovered(world: World, end: number, isOver: () => boolean): Promise<void> {
  const { timeline } = world;
  while (timeline.now < end && !isOver() && !world.isRecovered) await timeline.run(timeline.now + 1_000, isOver);
  if (isOver() || world.isRecovered) return;
  world.fail(new Violation('liveness', `not whole ${recoveryMs / 1000} s after the last fault: ${world.whyNotRecovered()}`));
}
