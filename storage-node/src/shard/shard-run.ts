/** Drives a replica and a map with the same commands and compares all that can be read. For tests. */
import assert from 'node:assert/strict';
import type { CollectionConfig, Distance } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { PointId } from '../model/point-id.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { ShardModel } from './shard-model.ts';
import { ShardWorld } from './shard-world.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

const level: ReadLevel = { kind: 'eventual' };

export const distances: readonly Distance[] = ['Cosine', 'Dot', 'Euclid', 'Manhattan'];
/** One vector of each metric, named after it. */
export const config: CollectionConfig = {
  vectors: new Map(distances.map((distance) => [distance, { size: 2, distance, m: 4, efConstruct: 8 }])),
};
const everything = { withPayload: true, withVectors: true } as const;

export type ShardCommand =
  /** Operations of concurrent writers; `sentAgain` says after which write the same request comes once more. */
  | { readonly kind: 'write'; readonly operations: readonly WriteOperation[]; readonly sentAgain: boolean }
  | { readonly kind: 'flush' | 'reopen' | 'send-old-again' }
  | { readonly kind: 'crash'; readonly keep: 'none' | 'all' | 'prefix' | 'subset'; readonly underWay: readonly WriteOperation[] };
export class ShardRun {
  readonly #world: ShardWorld;
  #model = new ShardModel();
  #requests = 0;
  #last: { readonly operation: WriteOperation; readonly requestId: string; readonly sequence: bigint } | undefined;
  #sequence = 0n;

  constructor(seed: number) {
    this.#world = new ShardWorld(seed, config);
  }

  async do(command: ShardCommand): Promise<void> {
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
    const sent = operations.map((each) => {
      const requestId = `request ${(this.#requests += 1)}`;
      const first = this.#world.replica.write(each, requestId, 'applied');
      const again = sentAgain ? this.#world.replica.write(each, requestId, 'applied') : first;
      return { each, requestId, answers: Promise.all([first, again]) };
    });
    for (const { each, requestId, answers } of sent) {
      const [{ sequence }, again] = await answers;
      this.#sequence += 1n;
      assert.equal(sequence, this.#sequence);
      assert.equal(again.sequence, sequence);
      this.#model = this.#model.after(each);
      this.#last = { operation: each, requestId, sequence };
    }
  }

  async #sendLastAgain(): Promise<void> {
    if (!this.#last) return;
    const { operation: again, requestId, sequence } = this.#last;
    assert.equal((await this.#world.replica.write(again, requestId, 'applied')).sequence, sequence);
  }

  /** Of the writes under way any prefix may have been kept, each whole. */
  async #crash(keep: 'none' | 'all' | 'prefix' | 'subset', underWay: readonly WriteOperation[]): Promise<void> {
    const pending = underWay.map((each) => this.#world.replica.write(each, `request ${(this.#requests += 1)}`, 'applied'));
    const first = this.#requests - pending.length + 1;
    for (let ticks = this.#requests % 7; ticks > 0; ticks -= 1) await Promise.resolve();
    this.#world.crash(keep);
    await Promise.allSettled(pending);
    await this.#world.open();
    const kept = Number(this.#world.replica.appliedSequence - this.#sequence);
    assert(kept >= 0, 'an acknowledged write is lost');
    assert(kept <= underWay.length, 'a write took effect twice');
    for (const [at, each] of underWay.slice(0, kept).entries()) {
      this.#model = this.#model.after(each);
      this.#sequence += 1n;
      this.#last = { operation: each, requestId: `request ${first + at}`, sequence: this.#sequence };
    }
  }

  /** Two rounds later nothing is left of points that were replaced or deleted, and a restart finds no more. */
  async compareDocuments(): Promise<void> {
    await this.#write([{ kind: 'upsert', points: [] }], false);
    await this.#write([{ kind: 'upsert', points: [] }], false);
    const points = this.#model.ids().map((id) => this.#model.get(id));
    const vectors = points.reduce((sum, point) => sum + (point?.vectors.size ?? 0), 0);
    assert.deepEqual(await this.#world.documentCounts(), { points: points.length, vectors });
  }

  async compare(wanted: Filter, query: Float32Array): Promise<void> {
    const { replica } = this.#world;
    const all = this.#model.ids();
    const records = (await replica.scroll({ limit: 100, ...everything }, level)).value;
    assert.deepEqual(
      records.map(({ id }) => id),
      all,
    );
    for (const { id, payload: found, vectors: stored } of records) {
      const point = this.#model.get(id);
      assert.deepEqual(found, point?.payload);
      assert.deepEqual(new Set(stored?.keys()), new Set(point?.vectors.keys()));
      assert.deepEqual(stored?.get('Euclid'), point?.vectors.get('Euclid'));
    }
    const reversed = [...all, ...all, 77n].toReversed();
    assert.deepEqual(
      (await replica.retrieve({ ids: reversed, ...everything }, level)).value.map(({ id }) => id),
      all.toReversed(),
    );
    assert.deepEqual(await this.#paged(wanted), this.#model.ids(wanted));
    assert.deepEqual((await replica.count({}, level)).value, all.length);
    assert.deepEqual((await replica.count({ filter: wanted }, level)).value, this.#model.ids(wanted).length);
    assert.deepEqual((await replica.stats()).points, all.length);
    for (const distance of distances) await this.#compareSearch(distance, wanted, query);
  }

  async #paged(wanted: Filter): Promise<readonly PointId[]> {
    const found: PointId[] = [];
    for (let from: PointId | undefined; ;) {
      const page = (await this.#world.replica.scroll({ filter: wanted, from, limit: 3, withPayload: false, withVectors: false }, level))
        .value;
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
      const found = (
        await this.#world.replica.search({ ...request, scoreThreshold: threshold, withPayload: true, withVectors: false }, level)
      ).value;
      const scores = found.map(({ score }) => score);
      for (const [at, score] of scores.entries())
        assert(Math.abs(score - (expected[at]?.score ?? NaN)) < 1e-5, `${distance} score ${score}`);
      // Unit vectors are rounded, so equal cosines may differ in the last bit; the others are exact here.
      if (distance === 'Cosine') assert.equal(found.length, Math.min(limit, expected.length));
      else
        assert.deepEqual(
          found.map(({ id }) => id),
          expected.slice(0, limit).map(({ id }) => id),
        );
      for (const { id, version, payload: shown } of found) {
        assert.deepEqual(shown, this.#model.get(id)?.payload);
        assert(version <= Number(this.#sequence), 'a version is from the future');
      }
    }
  }
}
