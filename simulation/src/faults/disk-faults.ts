import type { Machine } from '../node/machine.ts';
import type { Chance } from '../time/chance.ts';
import type { World } from '../world.ts';
import type { FaultKind } from './fault-kind.ts';
import { forAWhile, pickMachine } from './targets.ts';

const onMachine = (name: string, act: (machine: Machine, world: World, chance: Chance) => string | undefined): FaultKind => ({
  name,
  begin: (world, chance) => {
    const machine = pickMachine(world, chance);
    return machine.process === undefined ? undefined : act(machine, world, chance);
  },
});

export const diskFaults: readonly FaultKind[] = [
  onMachine('slow disk', ({ node, volume }, world, chance) => {
    if (volume.syncMs > 5) return undefined;
    volume.syncMs = chance.pick([20, 200, 1_500]);
    const end = () => {
      volume.syncMs = 1;
    };
    return `a sync on ${node} takes ${volume.syncMs} ms ${forAWhile(world, chance.between(1_000, 8_000), 'disk is fast', end)}`;
  }),
  onMachine('full disk', ({ node, volume }, world, chance) => {
    const { log } = volume;
    if (Number.isFinite(log.capacityBytes)) return undefined;
    log.capacityBytes = log.usedBytes + chance.integer(0, 4_000);
    const end = () => {
      log.capacityBytes = Infinity;
    };
    return `the disk of ${node} has room for ${log.capacityBytes - log.usedBytes} bytes ${forAWhile(world, chance.between(1_000, 10_000), 'disk has room', end)}`;
  }),
  onMachine('wipe', (machine, world, chance) => {
    // Copies may be lost one at a time: with none of them spare, data would be lost that nobody promised to keep.
    if (!world.isWhole || world.copies < 2 || world.hiddenDamage.isThere || !world.api.isUp) return undefined;
    for (const { replicaId } of machine.volume.replicas.values()) world.ledger.lost(replicaId);
    machine.losePower(chance.between(500, 5_000));
    machine.volume.wipe();
    // The same Pod may find another disk, as a local one that was replaced.
    if (chance.is(0.4)) return `${machine.node} loses what is on its volume`;
    world.kubelets.replace(machine);
    return `${machine.node} gets another Pod with an empty volume`;
  }),
  onMachine('rot', ({ node, volume }, world) => {
    if (!world.isWhole || world.copies < 2 || world.hiddenDamage.isThere) return undefined;
    const where = volume.rot();
    if (where === undefined) return undefined;
    world.rotten(node);
    return `a bit changes on the disk of ${node}, in ${where}`;
  }),
  onMachine('new Pod', (machine, world, chance) => {
    if (!world.api.isUp) return undefined;
    machine.kill(chance.between(500, 5_000));
    world.kubelets.replacePod(machine);
    return `${machine.node} gets another Pod on its volume`;
  }),
];
