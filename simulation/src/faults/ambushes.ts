/**
 * What goes wrong at the worst moment: a request to change a shard is lost, late or not answered while a machine is struck, or a machine is
 * struck just after a shard has changed. By chance alone such things meet too rarely.
 */
import { requestFates } from '../kubernetes/request-fate.ts';
import type { FaultKind } from './fault-kind.ts';
import { blows } from './blows.ts';
import { pickMachine } from './targets.ts';

/** It is given up when nothing came by then. */
const patienceMs = 10_000;

export const ambushes: readonly FaultKind[] = [
  {
    name: 'bad swap',
    begin: (world, chance) => {
      if (world.api.ambush !== undefined) return undefined;
      const byOperator = chance.is(0.3);
      const fate = chance.pick(requestFates);
      const blow = chance.is(0.8) ? chance.pick(blows) : undefined;
      const inMs = chance.pick([0, 10, 500, 2_000]) * chance.between(0, 1.5);
      const end = () => {
        if (world.api.ambush === ambush) world.api.ambush = undefined;
      };
      const ambush = (who: string, what: string) => {
        if (what !== 'put VectorShard' || who.startsWith('operator') !== byOperator) return undefined;
        end();
        world.tell(`what ${who} asks for is ${fate}`);
        world.timeline.after(inMs, 'blow', () => {
          const others = world.machines.filter(({ node }) => node !== who);
          const machine = chance.is(0.7) ? chance.pick(others) : pickMachine(world, chance);
          const told = machine.process === undefined ? undefined : blow?.strike(machine, world, chance);
          if (told !== undefined) world.tell(told);
        });
        return fate;
      };
      world.api.ambush = ambush;
      world.timeline.after(patienceMs, 'no ambush', end);
      return `the next change of a shard that ${byOperator ? 'an operator' : 'a node'} asks for will be ${fate}`;
    },
  },
  {
    name: 'blow after a change',
    begin: (world, chance) => {
      const blow = chance.pick(blows);
      const inMs = chance.pick([0, 5, 50]) * chance.between(0, 2);
      const end = world.onShardChange((changed) => {
        end();
        world.timeline.after(inMs, 'blow', () => {
          const member = chance.pick(changed.status?.members ?? []);
          const machine = world.machines.find(({ node }) => node === member.node);
          const told = machine?.process === undefined ? undefined : blow.strike(machine, world, chance);
          if (told !== undefined) world.tell(told);
        });
      });
      world.timeline.after(patienceMs, 'no ambush', end);
      return `${blow.name} waits for the next change of a shard`;
    },
  },
];
