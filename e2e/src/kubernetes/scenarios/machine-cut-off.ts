import { inTrouble } from '../machine-trouble.ts';
import type { Scenario } from '../scenario.ts';

export const machineCutOff: Scenario = {
  name: 'machine-cut-off',
  promise: 'a machine can talk to nobody and runs on: clients of the other nodes see a pause of writes and no failure; nobody leads twice',
  needs: ['machines'],
  run: async (world) => await inTrouble(machineCutOff, world, { fault: 'partition', remedy: 'heal', words: 'is cut off' }),
};
