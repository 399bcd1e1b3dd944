import { describe, expect, test } from 'vitest';
import { kept, mutations } from './mutations.ts';
import { search } from './search.ts';

const statesOfOneSearch = 4_000;

describe('with every rule kept nothing is lost', () => {
  test.for(kept.map((each) => [each.name, each.scenario] as const))('%s', { timeout: 60_000 }, ([, scenario]) => {
    const { harm, story } = search(scenario, { states: statesOfOneSearch });
    expect({ harm, story }).toEqual({ harm: undefined, story: [] });
  });
});

describe('each rule is needed: broken alone it does harm', () => {
  test.for(mutations.map((each) => [each.name, each.scenario] as const))('%s', { timeout: 60_000 }, ([, scenario]) => {
    expect(search(scenario, { states: 60_000 }).harm).toBeDefined();
  });
});
