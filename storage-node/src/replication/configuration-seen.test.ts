/** What a watch shows a primary of its own epoch: a reason to read the object, unless it says nothing new. */
import { expect, test } from 'vitest';
import type { Configuration } from './configuration.ts';
import { appended, configuration, from, run, serving } from './step-fixture.ts';

const seen = (changed: Partial<Configuration>) =>
  ({ kind: 'configuration-seen', configuration: { ...configuration, version: '8', ...changed } }) as const;
const [first, ...rest] = configuration.members;

test('conditions and the like change its version only, which is expected by the next swap', () => {
  const [known, effects] = run(serving(), seen({ members: configuration.members.map((member) => ({ ...member })) }));
  expect(effects).toEqual([]);
  expect(run(known, appended('b', 0n), from('b', { kind: 'leaving' }))[1]).toContainEqual(
    expect.objectContaining({ kind: 'change-in-sync', expected: '8', inSync: ['a'] }),
  );
});

test.for<[string, Partial<Configuration>]>([
  ['another set', { inSync: ['a'] }],
  ['another least size of it', { minInSync: 2 }],
  ['who is to lead next', { handOverTo: 'b' }],
  ['another primary', { primary: 'b' }],
  ['a member more', { members: [...configuration.members, { replicaId: 'd', node: 'd', kind: 'Voter' }] }],
  ['a member less', { members: rest }],
  ['a member that is another', { members: [...rest, { replicaId: 'd', node: first?.node ?? '', kind: 'Voter' }] }],
  ['a member that only follows now', { members: configuration.members.map((member) => ({ ...member, kind: 'Learner' })) }],
])('%s is read', ([, changed]) => {
  expect(run(serving(), seen(changed))[1]).toEqual([{ kind: 'read-configuration', epoch: 2n, number: 1 }]);
});

test('while a swap is on its way, no version is taken over: its outcome is told by the one that it expected', () => {
  const [leaving] = run(serving(), appended('b', 0n), from('b', { kind: 'leaving' }));
  const [after, effects] = run(leaving, seen({}));
  expect([after, effects]).toEqual([leaving, []]);
});
