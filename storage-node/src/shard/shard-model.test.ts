import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadInputError } from '../errors.ts';
import type { Filter } from '../model/filter.ts';
import type { PointId } from '../model/point-id.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { config, distances, ShardRun, type ShardCommand } from './shard-run.ts';
import { ShardWorld } from './shard-world.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

const level: ReadLevel = { kind: 'eventual' };

const everything = { withPayload: true, withVectors: true } as const;

const ids = fc.constantFrom<PointId>(1n, 2n, 3n, 4n, 5n, 6n, 'c0ffee00-0000-4000-8000-000000000000', 2n ** 64n - 1n);
const component = fc.integer({ min: -2, max: 2 });
const vector = fc.tuple(component, component).map(([x, y]) => Float32Array.of(x, y));
const vectors = fc
  .array(fc.tuple(fc.constantFrom(...distances), vector), { maxLength: 4 })
  .map((entries) => new Map<string, Float32Array>(entries));
const payload = fc.record({ a: fc.constantFrom(0, 1, 2), b: fc.constantFrom('x', 'y') }, { requiredKeys: [], noNullPrototype: true });
const patch = fc.record({ a: fc.constantFrom(null, 0, 1), c: fc.constantFrom(null, 'z') }, { requiredKeys: [], noNullPrototype: true });
const filter: fc.Arbitrary<Filter> = fc
  .oneof(
    fc.constantFrom(0n, 1n, 2n).map((value) => ({ kind: 'match-value', key: 'a', value }) as const),
    fc.constantFrom('a', 'b', 'c').map((key) => ({ kind: 'is-empty', key }) as const),
    fc.array(ids, { maxLength: 3 }).map((wanted) => ({ kind: 'has-id', ids: wanted }) as const),
  )
  .map((condition) => ({ must: [condition], mustNot: [], should: [] }));
const selection = fc.oneof(
  fc.array(ids, { maxLength: 3 }).map((wanted) => ({ kind: 'ids', ids: wanted }) as const),
  filter.map((wanted) => ({ kind: 'filter', filter: wanted }) as const),
);
const operation: fc.Arbitrary<WriteOperation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('upsert' as const),
      points: fc.array(fc.record({ id: ids, vectors, payload }), { maxLength: 5 }),
    }),
  },
  fc.record({ kind: fc.constant('delete' as const), selection }),
  fc.record({ kind: fc.constant('set-payload' as const), selection, payload: patch }),
);

const command: fc.Arbitrary<ShardCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      operations: fc.array(operation, { minLength: 1, maxLength: 4 }),
      sentAgain: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constantFrom('flush' as const, 'reopen' as const, 'send-old-again' as const) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      keep: fc.constantFrom('none' as const, 'all' as const, 'prefix' as const, 'subset' as const),
      underWay: fc.array(operation, { maxLength: 3 }),
    }),
  },
);

test('a replica agrees with a map, through retries, concurrent writers, restarts and power cuts', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(command, { maxLength: 12 }), filter, vector, async (seed, commands, wanted, query) => {
      const run = new ShardRun(seed);
      await run.open();
      for (const each of commands) {
        await run.do(each);
        await expect(run.compare(wanted, query)).resolves.toBeUndefined();
      }
      await expect(run.compareDocuments()).resolves.toBeUndefined();
    }),
    { numRuns: Number(process.env['SHARD_RUNS'] ?? 60) },
  );
});

test('a write that is refused takes nothing with it', async () => {
  const world = new ShardWorld(1, config);
  await world.open();
  const answers = await Promise.allSettled([
    world.replica.write(upsert(1n, [1, 2]), 'a', 'applied'),
    world.replica.write(upsert(2n, [1, 2, 3]), 'b', 'applied'),
    world.replica.write(upsert(3n, [1, NaN]), 'c', 'applied'),
    world.replica.write(upsert(4n, [1, 2]), 'd', 'applied'),
    world.replica.write(
      { kind: 'delete', selection: { kind: 'filter', filter: { must: [{ kind: 'is-null', key: '[' }], mustNot: [], should: [] } } },
      'e',
      'applied',
    ),
    world.replica.write(upsert(5n, [1, 2]), 'x'.repeat(129), 'applied'),
  ]);
  expect(answers.map((answer) => (answer.status === 'rejected' ? answer.reason instanceof BadInputError : 'taken'))).toEqual([
    'taken',
    true,
    true,
    'taken',
    true,
    true,
  ]);
  expect((await world.replica.scroll({ limit: 9, ...everything }, level)).value.map(({ id }) => id)).toEqual([1n, 4n]);
});

function upsert(id: bigint, components: readonly number[]): WriteOperation {
  return { kind: 'upsert', points: [{ id, vectors: new Map([['Dot', Float32Array.from(components)]]), payload: {} }] };
}
