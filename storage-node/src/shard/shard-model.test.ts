import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BadInputError } from '../errors.ts';
import type { CollectionConfig, Distance } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { PointId } from '../model/point-id.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { ShardModel } from './shard-model.ts';
import { ShardWorld } from './shard-world.ts';

const distances: readonly Distance[] = ['Cosine', 'Dot', 'Euclid', 'Manhattan'];
const config: CollectionConfig = {
  vectors: new Map(distances.map((distance) => [distance, { size: 2, distance, m: 4, efConstruct: 8 }])),
};
const everything = { withPayload: true, withVectors: true } as const;

const ids = fc.constantFrom<PointId>(...[1n, 2n, 3n, 4n, 5n, 6n], 'c0ffee00-0000-4000-8000-000000000000', 2n ** 64n - 1n);
const component = fc.integer({ min: -2, max: 2 });
const vector = fc.tuple(component, component).map(([x, y]) => Float32Array.of(x, y));
const vectors = fc
  .array(fc.tuple(fc.constantFrom(...distances), vector), { maxLength: 4 })
  .map((entries) => new Map<string, Float32Array>(entries));
const payload = fc.record({ a: fc.constantFrom(0, 1, 2), b: fc.constantFrom('x', 'y') }, { requiredKeys: [] });
const patch = fc.record({ a: fc.constantFrom(null, 0, 1), c: fc.constantFrom(null, 'z') }, { requiredKeys: [] });
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

type Command =
  /** Operations of concurrent writers; `sentAgain` says after which write the same request comes once more. */
  | { readonly kind: 'write'; readonly operations: readonly WriteOperation[]; readonly sentAgain: boolean }
  | { readonly kind: 'flush' | 'reopen' | 'send-old-again' }
  | { readonly kind: 'crash'; readonly keep: 'none' | 'all' | 'prefix' | 'subset'; readonly underWay: readonly WriteOperation[] };
const command: fc.Arbitrary<Command> = fc.oneof(
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

/** Drives a world and a model with the same commands. */
class Run {
  readonly #world: ShardWorld;
  #model = new ShardModel();
  #requests = 0;
  #last: { readonly operation: WriteOperation; readonly requestId: string; readonly sequence: bigint } | undefined;
  #sequence = 0n;

  constructor(seed: number) {
    this.#world = new ShardWorld(seed, config);
  }

  async do(command: Command): Promise<void> {
    switch (command.kind) {
      case 'write':
        return await this.#write(command.operations, command.sentAgain);
      case 'flush':
        return await this.#world.flush();
      case 'reopen':
        await this.#world.close();
        return await this.#world.open();
      case 'send-old-again':
        return await this.#sendLastAgain();
      case 'crash':
        return await this.#crash(command.keep, command.underWay);
    }
  }

  open(): Promise<void> {
    return this.#world.open();
  }

  async #write(operations: readonly WriteOperation[], sentAgain: boolean): Promise<void> {
    const answers = operations.map((each) => {
      const requestId = `request ${(this.#requests += 1)}`;
      const first = this.#world.replica.write(each, requestId);
      return Promise.all([each, requestId, first, sentAgain ? this.#world.replica.write(each, requestId) : first] as const);
    });
    for (const [each, requestId, { sequence }, again] of await Promise.all(answers)) {
      expect(again.sequence).toBe(sequence);
      expect(sequence).toBe((this.#sequence += 1n));
      this.#model = this.#model.after(each);
      this.#last = { operation: each, requestId, sequence };
    }
  }

  async #sendLastAgain(): Promise<void> {
    if (!this.#last) return;
    const { operation: again, requestId, sequence } = this.#last;
    expect((await this.#world.replica.write(again, requestId)).sequence).toBe(sequence);
  }

  /** Of the writes under way any prefix may have been kept, each whole. */
  async #crash(keep: 'none' | 'all' | 'prefix' | 'subset', underWay: readonly WriteOperation[]): Promise<void> {
    const pending = underWay.map((each) => this.#world.replica.write(each, `request ${(this.#requests += 1)}`));
    const first = this.#requests - pending.length + 1;
    for (let ticks = this.#requests % 7; ticks > 0; ticks -= 1) await Promise.resolve();
    this.#world.crash(keep);
    await Promise.allSettled(pending);
    await this.#world.open();
    const kept = Number(this.#world.replica.appliedSequence - this.#sequence);
    expect(kept).toBeGreaterThanOrEqual(0);
    expect(kept).toBeLessThanOrEqual(underWay.length);
    for (const [at, each] of underWay.slice(0, kept).entries()) {
      this.#model = this.#model.after(each);
      this.#sequence += 1n;
      this.#last = { operation: each, requestId: `request ${first + at}`, sequence: this.#sequence };
    }
  }

  async compare(wanted: Filter, query: Float32Array): Promise<void> {
    const { replica } = this.#world;
    const all = this.#model.ids();
    const records = await replica.scroll({ limit: 100, ...everything });
    expect(records.map(({ id }) => id)).toEqual(all);
    for (const { id, payload: found, vectors: stored } of records) {
      const point = this.#model.get(id);
      expect(found).toEqual(point?.payload);
      expect(new Set(stored?.keys())).toEqual(new Set(point?.vectors.keys()));
      expect(stored?.get('Euclid')).toEqual(point?.vectors.get('Euclid'));
    }
    const reversed = [...all, ...all, 77n].toReversed();
    expect((await replica.retrieve({ ids: reversed, ...everything })).map(({ id }) => id)).toEqual(all.toReversed());
    expect(await this.#paged(wanted)).toEqual(this.#model.ids(wanted));
    expect(await replica.count({})).toBe(all.length);
    expect(await replica.count({ filter: wanted })).toBe(this.#model.ids(wanted).length);
    expect((await replica.stats()).points).toBe(all.length);
    for (const distance of distances) await this.#compareSearch(distance, wanted, query);
  }

  async #paged(wanted: Filter): Promise<readonly PointId[]> {
    const found: PointId[] = [];
    for (let from: PointId | undefined; ;) {
      const page = await this.#world.replica.scroll({ filter: wanted, from, limit: 3, withPayload: false, withVectors: false });
      found.push(...page.slice(0, 2).map(({ id }) => id));
      from = page[2]?.id;
      if (from === undefined) return found;
    }
  }

  async #compareSearch(distance: Distance, wanted: Filter, query: Float32Array): Promise<void> {
    for (const [limit, chosen, threshold] of [
      [3, undefined, undefined],
      [100, wanted, undefined],
      [100, undefined, 0.5],
    ] as const) {
      const expected = this.#model.nearest({ name: distance, query, distance, filter: chosen, threshold });
      const request = { vectorName: distance, vector: query, filter: chosen, limit, params: { exact: true } };
      const found = await this.#world.replica.search({ ...request, scoreThreshold: threshold, withPayload: true, withVectors: false });
      const scores = found.map(({ score }) => score);
      for (const [at, score] of scores.entries()) expect(score).toBeCloseTo(expected[at]?.score ?? NaN, 5);
      // Unit vectors are rounded, so equal cosines may differ in the last bit; the others are exact here.
      if (distance === 'Cosine') expect(found).toHaveLength(Math.min(limit, expected.length));
      else expect(found.map(({ id }) => id)).toEqual(expected.slice(0, limit).map(({ id }) => id));
      for (const { id, version, payload: shown } of found) {
        expect(shown).toEqual(this.#model.get(id)?.payload);
        expect(version).toBeLessThanOrEqual(Number(this.#sequence));
      }
    }
  }
}

test('a replica agrees with a map, through retries, concurrent writers, restarts and power cuts', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(command, { maxLength: 12 }), filter, vector, async (seed, commands, wanted, query) => {
      const run = new Run(seed);
      await run.open();
      for (const each of commands) {
        await run.do(each);
        await run.compare(wanted, query);
      }
    }),
    { numRuns: Number(process.env['SHARD_RUNS'] ?? 60) },
  );
});

test('a write that is refused takes nothing with it', async () => {
  const world = new ShardWorld(1, config);
  await world.open();
  const upsert = (id: bigint, components: readonly number[]): WriteOperation => ({
    kind: 'upsert',
    points: [{ id, vectors: new Map([['Dot', Float32Array.from(components)]]), payload: {} }],
  });
  const answers = await Promise.allSettled([
    world.replica.write(upsert(1n, [1, 2]), 'a'),
    world.replica.write(upsert(2n, [1, 2, 3]), 'b'),
    world.replica.write(upsert(3n, [1, NaN]), 'c'),
    world.replica.write(upsert(4n, [1, 2]), 'd'),
    world.replica.write(
      { kind: 'delete', selection: { kind: 'filter', filter: { must: [{ kind: 'is-null', key: '[' }], mustNot: [], should: [] } } },
      'e',
    ),
    world.replica.write(upsert(5n, [1, 2]), 'x'.repeat(129)),
  ]);
  expect(answers.map((answer) => (answer.status === 'rejected' ? answer.reason instanceof BadInputError : 'taken'))).toEqual([
    'taken',
    true,
    true,
    'taken',
    true,
    true,
  ]);
  expect((await world.replica.scroll({ limit: 9, ...everything })).map(({ id }) => id)).toEqual([1n, 4n]);
});
