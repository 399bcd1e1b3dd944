/** Everything that can go wrong. */
import { ambushes } from './ambushes.ts';
import { apiFaults } from './api-faults.ts';
import { machineFaults } from './blows.ts';
import { diskFaults } from './disk-faults.ts';
import type { FaultKind } from './fault-kind.ts';
import { leavingFaults } from './leaving-faults.ts';
import { networkFaults } from './network-faults.ts';
import { operatorFaults } from './operator-faults.ts';

export const faultKinds: readonly FaultKind[] = [
  ...machineFaults,
  ...operatorFaults,
  ...networkFaults,
  ...apiFaults,
  ...diskFaults,
  ...leavingFaults,
  ...ambushes,
];
