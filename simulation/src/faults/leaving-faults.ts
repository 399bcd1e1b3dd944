/** Nodes that leave, as the pool's controller would have them leave: marked, emptied by the operator, then gone with their volume. */
import { Violation } from '../checks/violation.ts';
import type { Machine } from '../node/machine.ts';
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';
import type { FaultKind } from './fault-kind.ts';

const lookMs = 500;

export const leavingFaults: readonly FaultKind[] = [
  {
    name: 'scale-in',
    begin: (world, chance) => leave(world, chance, { most: 1, patienceMs: chance.between(20_000, 90_000) }),
  },
  {
    name: 'scale-in cancelled',
    begin: (world, chance) => leave(world, chance, { most: 1, patienceMs: chance.between(100, 8_000) }),
  },
  {
    name: 'zone given up',
    begin: (world, chance) => leave(world, chance, { most: 2, patienceMs: chance.between(20_000, 90_000) }),
  },
];

interface Leaving {
  readonly most: number;
  /** After this those that are still there stay. */
  readonly patienceMs: number;
}

function leave(world: World, chance: Chance, { most, patienceMs }: Leaving): string | undefined {
  const spare = world.machines.length - world.copies;
  if (spare <= 0 || world.leaving.nodes.length > 0 || !world.api.isUp) return undefined;
  const chosen = chance.pickSome(world.machines, Math.min(most, spare));
  world.leaving.mark(chosen.map(({ node }) => node));
  const look = (): void => {
    if (!chosen.some(({ node }) => world.leaving.nodes.includes(node))) return;
    for (const machine of chosen) if (mayGo(world, machine)) go(world, machine, chance.between(500, 20_000));
    world.timeline.after(lookMs, 'is the node empty', look);
  };
  world.timeline.after(lookMs, 'is the node empty', look);
  world.timeline.after(patienceMs, 'nodes stay', () => {
    const left = chosen.map(({ node }) => node).filter((node) => world.leaving.nodes.includes(node));
    if (left.length === 0) return;
    world.tell(`${left.join(', ')} stays after all`);
    world.leaving.mark([]);
  });
  return `${chosen.map(({ node }) => node).join(', ')} is told to leave`;
}

function mayGo({ api, leaving, objects }: World, { node, process }: Machine): boolean {
  const isNamed = objects.some(({ spec, status }) => [...spec.assignments, ...(status?.members ?? [])].some((each) => each.node === node));
  return api.isUp && process !== undefined && leaving.nodes.includes(node) && !isNamed;
}

/** Another node takes its name, with an empty volume. */
function go(world: World, machine: Machine, awayMs: number): void {
  const { node, volume } = machine;
  for (const { replicaId } of volume.replicas.values()) {
    if (world.objects.some(({ status }) => status?.inSync?.includes(replicaId) === true)) {
      return world.fail(new Violation('I23', `${node} goes with ${replicaId}, which is in sync`));
    }
    world.ledger.lost(replicaId);
  }
  world.tell(`${node} is empty and goes; another of its name comes later`);
  world.leaving.mark(world.leaving.nodes.filter((each) => each !== node));
  machine.losePower(awayMs);
  volume.wipe();
  world.kubelets.replace(machine);
}
