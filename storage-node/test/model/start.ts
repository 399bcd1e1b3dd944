/** The world in which the search begins: the first primary has adopted its epoch, and everyone has heard of it. */
import { happen } from './carry-out.ts';
import { deliver, write } from './moves.ts';
import { emptyWorld, nodeOf, type Scenario, type World } from './world.ts';

export function startWorld(scenario: Scenario): World {
  const empty = emptyWorld(scenario);
  const [first = ''] = scenario.nodes;
  let world = happen(scenario, empty, first, { kind: 'configuration-seen', configuration: empty.object });
  world = deliverAll(scenario, deliverAll(scenario, world));
  for (let written = 0; written < (scenario.acknowledged ?? 0); written++) {
    world = deliverAll(scenario, deliverAll(scenario, write(scenario, world, nodeOf(world, first))));
  }
  return { ...world, letters: new Map() };
}

/** What is under way now, not what it causes. */
function deliverAll(scenario: Scenario, before: World): World {
  let world: World = { ...before, letters: new Map() };
  for (const letter of before.letters.values()) world = deliver(scenario, world, letter.message.to, letter);
  return world;
}
