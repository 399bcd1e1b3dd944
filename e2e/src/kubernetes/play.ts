/** Plays one scenario and says how it ended. */
import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';
import { CommandError } from './kubectl.ts';
import type { Outcome } from './report/outcome.ts';
import type { Scenario, World } from './scenario.ts';
import { Stages } from './stages.ts';

export async function play(scenario: Scenario, world: Omit<World, 'stages'>): Promise<Outcome> {
  const { say, target } = world;
  const missing = scenario.needs.filter((ability) => target[ability] === undefined);
  if (missing.length > 0) return { scenario, kind: 'skipped', seconds: 0, because: `this Kubernetes has no ${missing.join(', no ')}` };
  say(`\n${scenario.name}: ${scenario.promise}`);
  const stages = new Stages(say);
  try {
    await scenario.run({ ...world, stages });
    say(`${stages.total()}  in all: every promise held`);
    return { scenario, kind: 'held', seconds: stages.elapsedMs / 1000, because: '' };
  } catch (error) {
    const because = error instanceof CommandError || error instanceof AssertionError ? error.message : inspect(error);
    say(because);
    return { scenario, kind: 'broken', seconds: stages.elapsedMs / 1000, because };
  }
}
