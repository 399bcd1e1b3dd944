import type { FaultKind } from './fault-kind.ts';
import { forAWhile, pickMachine, placesOf } from './targets.ts';

export const networkFaults: readonly FaultKind[] = [
  {
    name: 'cut',
    begin: (world, chance) => {
      const [from = '', to = ''] = chance.pickSome(placesOf(world), 2);
      const isOneWay = chance.is(0.5);
      const ways = [world.network.path(from, to), ...(isOneWay ? [] : [world.network.path(to, from)])];
      const ends = ways.map((way) => way.cut());
      const ms = chance.pick([200, 1_000, 5_000, 20_000]) * chance.between(0.5, 1.5);
      const while_ = forAWhile(world, ms, 'healed', () => ends.forEach((end) => end()));
      return `nothing passes from ${from} to ${to}${isOneWay ? '' : ' and back'} ${while_}`;
    },
  },
  {
    name: 'split',
    begin: (world, chance) => {
      // A primary and some others on one side; on the other the API server, and mostly the operator.
      const { node } = pickMachine(world, chance);
      const one = placesOf(world).filter((place) => place === node || (place !== 'api' && chance.is(place === 'operator' ? 0.2 : 0.5)));
      const other = placesOf(world).filter((place) => !one.includes(place));
      const ways = one.flatMap((a) => other.flatMap((b) => [world.network.path(a, b), world.network.path(b, a)]));
      const ends = ways.map((way) => way.cut());
      const ms = chance.pick([2_000, 8_000, 16_000]) * chance.between(0.5, 1.5);
      const while_ = forAWhile(world, ms, 'healed', () => ends.forEach((end) => end()));
      return `nothing passes between ${one.join(', ')} and ${other.join(', ')} ${while_}`;
    },
  },
  {
    name: 'slow link',
    begin: (world, chance) => {
      const [from = '', to = ''] = chance.pickSome(placesOf(world), 2);
      const slowMs = chance.pick([30, 200, 900]);
      const end = world.network.path(from, to).slow(slowMs);
      return `from ${from} to ${to} takes ${slowMs} ms ${forAWhile(world, chance.between(1_000, 10_000), 'fast again', end)}`;
    },
  },
  {
    name: 'slow node',
    begin: (world, chance) => {
      const { node } = pickMachine(world, chance);
      const isOut = chance.is(0.5);
      const others = placesOf(world).filter((place) => place !== node);
      const ways = others.map((place) => (isOut ? world.network.path(node, place) : world.network.path(place, node)));
      const slowMs = chance.pick([30, 200, 900]);
      const ends = ways.map((way) => way.slow(slowMs));
      const while_ = forAWhile(world, chance.between(2_000, 12_000), 'fast again', () => ends.forEach((end) => end()));
      return `everything ${isOut ? 'from' : 'to'} ${node} takes ${slowMs} ms ${while_}`;
    },
  },
  {
    name: 'reset',
    begin: (world, chance) => {
      const [a, b] = chance.pickSome(world.machines, 2);
      if (a?.running === undefined || b?.running === undefined) return undefined;
      a.running.links.reset(b.node);
      world.timeline.after(chance.between(0, 50), 'reset', () => b.running?.links.reset(a.node));
      return `the connection between ${a.node} and ${b.node} is lost with all that is on it`;
    },
  },
];
