import type { FaultKind } from './fault-kind.ts';
import { forAWhile } from './targets.ts';

export const operatorFaults: readonly FaultKind[] = [
  {
    name: 'operator dies',
    begin: (world, chance) => {
      const [name] = world.operators.running.keys();
      if (name === undefined) return undefined;
      world.operators.end(name);
      return `${name} is killed, and another begins ${forAWhile(world, chance.skewed(500, 20_000), 'operator begins', () => world.operators.start())} later`;
    },
  },
  {
    name: 'two operators',
    begin: (world, chance) => {
      if (world.operators.running.size !== 1) return undefined;
      world.operators.start();
      const [older] = world.operators.running.keys();
      const end = () => world.operators.end(older ?? '');
      return `a second operator works beside ${older} ${forAWhile(world, chance.between(2_000, 20_000), 'operator ends', end)}`;
    },
  },
  {
    name: 'operator pauses',
    begin: (world, chance) => {
      const [process] = world.operators.running.values();
      if (process === undefined || process.isStopped) return undefined;
      process.stop();
      return `the operator stands still ${forAWhile(world, chance.between(1_000, 12_000), 'operator goes on', () => process.goOn())}`;
    },
  },
];
