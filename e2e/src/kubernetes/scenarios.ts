/** All of them, in the order in which `make e2e-all` plays them. */
import type { Scenario } from './scenario.ts';
import { brokenImage } from './scenarios/broken-image.ts';
import { deletion } from './scenarios/deletion.ts';
import { drain } from './scenarios/drain.ts';
import { footprint } from './scenarios/footprint.ts';
import { machineCutOff } from './scenarios/machine-cut-off.ts';
import { machineKilled } from './scenarios/machine-killed.ts';
import { operatorLost } from './scenarios/operator-lost.ts';
import { pausedUpgrade } from './scenarios/paused-upgrade.ts';
import { rollingUpgrade } from './scenarios/rolling-upgrade.ts';
import { scaleOut } from './scenarios/scale-out.ts';
import { smoke } from './scenarios/smoke.ts';
import { volumeLost } from './scenarios/volume-lost.ts';
import { zoneLost } from './scenarios/zone-lost.ts';

export const scenarios: readonly Scenario[] = [
  smoke,
  footprint,
  deletion,
  scaleOut,
  rollingUpgrade,
  pausedUpgrade,
  brokenImage,
  operatorLost,
  drain,
  volumeLost,
  machineKilled,
  machineCutOff,
  zoneLost,
];
