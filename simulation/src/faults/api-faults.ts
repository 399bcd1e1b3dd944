import type { FaultKind } from './fault-kind.ts';
import { forAWhile } from './targets.ts';

export const apiFaults: readonly FaultKind[] = [
  {
    name: 'API outage',
    begin: (world, chance) => {
      if (!world.api.isUp) return undefined;
      world.api.goDown();
      return `the API server is away ${forAWhile(world, chance.pick([500, 3_000, 15_000]) * chance.between(0.5, 1.5), 'API is back', () => world.api.comeUp())}`;
    },
  },
  {
    name: 'API troubles',
    begin: (world, chance) => {
      const { troubles } = world;
      const which = chance.pick(['lostRequests', 'lostReplies', 'lateRequests'] as const);
      troubles[which] = chance.pick([0.2, 0.6, 1]);
      const end = () => {
        troubles[which] = 0;
      };
      return `${which} of the API: ${troubles[which] * 100} % ${forAWhile(world, chance.between(1_000, 12_000), `no ${which}`, end)}`;
    },
  },
  {
    name: 'stale watches',
    begin: (world, chance) => {
      const { troubles } = world;
      troubles.staleMs = chance.pick([200, 2_000, 8_000]);
      const end = () => {
        troubles.staleMs = 0;
      };
      return `watches come ${troubles.staleMs} ms late ${forAWhile(world, chance.between(1_000, 15_000), 'watches are fresh', end)}`;
    },
  },
];
