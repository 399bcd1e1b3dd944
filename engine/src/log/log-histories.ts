import * as fc from 'fast-check';

const replica = fc.integer({ min: 0, max: 3 });

/** Commands of one life of a log, for laws. */
export const logCommand = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      replica,
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.integer({ min: 0, max: 900 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('truncate' as const), replica, back: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), replica }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), replica, keep: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'settle' as const }) },
);
