import { inTrouble } from '../machine-trouble.ts';
import type { Scenario } from '../scenario.ts';

export const machineKilled: Scenario = {
  name: 'machine-killed',
  promise:
    'a machine loses its power: clients of the other nodes see a pause of writes and no failure, and the node comes back with its data',
  needs: ['machines'],
  run: async (world) => await inTrouble(machineKilled, world, { fault: 'kill', remedy: 'start', words: 'loses its power' }),
};
