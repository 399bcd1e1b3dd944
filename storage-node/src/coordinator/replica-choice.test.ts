import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShardReplica, ShardRoute } from '../topology/topology.ts';
import { candidatesFor, chooseReplica, type Candidate, type CandidateLoad, type Preference, type Purpose } from './replica-choice.ts';

const purposes: readonly Purpose[] = ['write', 'eventual', 'recent', 'bounded', 'session', 'linearizable'];

function replica(node: string, changes: Partial<ShardReplica> = {}): ShardReplica {
  return {
    replicaId: `of ${node}`,
    node,
    zone: 'a',
    address: `address of ${node}`,
    isLeaving: false,
    kind: 'Voter',
    inSync: true,
    isPrimary: false,
    isReader: false,
    ...changes,
  };
}

function route(replicas: readonly ShardReplica[]): ShardRoute {
  return { uid: 's', name: 's', first: 0n, last: 0n, epoch: 1n, primary: undefined, replicas };
}

const primary = replica('primary', { isPrimary: true });
const follower = replica('follower');
const here = replica('own');
const goneBehind = replica('own', { inSync: false });
const behind = replica('behind', { inSync: false });
const reader = replica('reader', { kind: 'Learner', inSync: false, isReader: true });
const moving = replica('moving', { kind: 'Learner', inSync: false });
const nowhere = replica('nowhere', { address: undefined });

test.for([
  ['write', ['primary']],
  ['linearizable', ['primary']],
  ['recent', ['primary', 'follower']],
  ['session', ['primary', 'follower']],
  ['bounded', ['primary', 'follower', 'reader']],
  ['eventual', ['primary', 'follower', 'reader']],
] as const)('%s: %o', ([purpose, nodes]) => {
  const all = route([primary, follower, behind, reader, moving, nowhere]);
  expect(candidatesFor(purpose, all, 'own').map(({ node }) => node)).toEqual(nodes);
});

test('a linearizable read may be answered here, once the primary was asked', () => {
  expect(candidatesFor('linearizable', route([primary, follower, here]), 'own')).toEqual([primary, here]);
  expect(candidatesFor('linearizable', route([primary, goneBehind]), 'own')).toEqual([primary]);
});

test('a copy whose Pod is going is asked only while there is no other', () => {
  const leaving = { ...primary, isLeaving: true };
  expect(candidatesFor('recent', route([leaving, follower]), 'own')).toEqual([follower]);
  expect(candidatesFor('recent', route([leaving, behind]), 'own')).toEqual([leaving]);
  expect(candidatesFor('write', route([leaving, follower]), 'own')).toEqual([leaving]);
});

interface World {
  readonly zone?: string;
  readonly loads?: Readonly<Record<string, Partial<CandidateLoad>>>;
  readonly draw?: number;
}

function preference({ zone = 'a', loads = {}, draw = 0 }: World): Preference {
  return { node: 'own', zone, draw, loadOf: ({ node }) => ({ isAvoided: false, cost: 1, ...loads[node] }) };
}

describe('of those that may answer', () => {
  const own = replica('own');
  const near = replica('near');
  const far = replica('far', { zone: 'b' });
  const farther = replica('farther', { zone: 'c' });
  test.for([
    ['this node', [far, near, own], {}, 'own'],
    ['this node though it is busy', [far, near, own], { loads: { own: { cost: 99 } } }, 'own'],
    ['its zone', [far, farther, near], { draw: 0.99 }, 'near'],
    ['no zone over another where none is known', [far, { ...near, zone: '' }], { zone: '', loads: { near: { cost: 9 } } }, 'far'],
    ['the less loaded of two', [far, farther], { loads: { far: { cost: 2 } } }, 'farther'],
    ['the one drawn among equals', [far, farther], { draw: 0.5 }, 'farther'],
    ['another than one that just failed', [own, far], { loads: { own: { isAvoided: true } } }, 'far'],
    ['one that just failed where all have', [near, far], { loads: { near: { isAvoided: true }, far: { isAvoided: true } } }, 'near'],
  ] as const satisfies readonly (readonly [string, readonly ShardReplica[], World, string])[])('%s', ([, replicas, world, node]) => {
    expect(chooseReplica(candidatesFor('recent', route(replicas), 'own'), preference(world))?.node).toBe(node);
  });

  test('nobody of none', () => {
    expect(chooseReplica([], preference({}))).toBeUndefined();
  });
});

const node = fc.constantFrom('own', 'n1', 'n2', 'n3', 'n4');
const anyReplica: fc.Arbitrary<ShardReplica> = fc
  .record({
    node,
    zone: fc.constantFrom('', 'a', 'b'),
    address: fc.constantFrom('here', undefined),
    isLeaving: fc.boolean(),
    inSync: fc.boolean(),
    isPrimary: fc.boolean(),
    isReader: fc.boolean(),
  })
  .map(({ node, ...changes }) => replica(node, changes));
const anyRoute = fc.uniqueArray(anyReplica, { selector: (each) => each.node }).map(route);
const anyLoads = fc.dictionary(node, fc.record({ isAvoided: fc.boolean(), cost: fc.nat(3) }));
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function laws(law: (candidates: readonly Candidate[], purpose: Purpose, world: Preference) => void): void {
  fc.assert(
    fc.property(anyRoute, fc.constantFrom(...purposes), anyLoads, fc.constantFrom('', 'a'), draw, (all, purpose, loads, zone, drawn) => {
      law(candidatesFor(purpose, all, 'own'), purpose, preference({ zone, loads, draw: drawn }));
    }),
    { numRuns: 500 },
  );
}

describe('whatever the cluster looks like', () => {
  test('nobody is asked who may not answer', () => {
    laws((candidates, purpose) => {
      for (const { node: at, inSync, isPrimary, isReader, address } of candidates) {
        const isOfPrimary = purpose === 'write' || purpose === 'linearizable';
        const isHere = purpose === 'linearizable' && inSync && at === 'own';
        const mayBeOld = purpose === 'bounded' || purpose === 'eventual';
        expect([address === undefined, isOfPrimary ? isPrimary || isHere : inSync || (isReader && mayBeOld)]).toEqual([false, true]);
      }
    });
  });

  test('one after the other, all who may answer are asked, each once', () => {
    laws((candidates, _, world) => {
      const left = new Set(candidates);
      for (const _each of candidates) {
        const chosen = chooseReplica([...left], world);
        expect(chosen !== undefined && left.delete(chosen)).toBe(true);
      }
      expect(chooseReplica([...left], world)).toBeUndefined();
    });
  });

  test('none in another zone while one in this zone has not failed', () => {
    laws((candidates, _, world) => {
      const chosen = chooseReplica(candidates, world);
      const isNear = (each: Candidate) => each.node === world.node || (world.zone !== '' && each.zone === world.zone);
      const near = candidates.filter((each) => isNear(each) && !world.loadOf(each).isAvoided);
      expect(near.length === 0 || (chosen !== undefined && near.includes(chosen))).toBe(true);
    });
  });

  test('the same draw takes shards on the same nodes to the same one', () => {
    laws((candidates, _, world) => {
      const again = candidates.map((each) => ({ ...each, replicaId: 'of another shard' }));
      expect(chooseReplica(again, world)?.node).toBe(chooseReplica(candidates, world)?.node);
    });
  });
});
