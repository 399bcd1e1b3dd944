/** What the stock REST client for JavaScript must find at a URL. Runs against any VectorCluster; leaves nothing behind. */
import { QdrantClient } from '@qdrant/js-client-rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const uuid = '0b1f6f0e-9c5a-4f5e-8c3b-1d2e3f405162';
const cities = [
  { id: 1, vector: [0.05, 0.61, 0.76, 0.74], payload: { city: 'Berlin', size: 3_700_000, tags: ['capital', 'river'] } },
  { id: 2, vector: [0.19, 0.81, 0.75, 0.11], payload: { city: 'London', size: 8_900_000, tags: ['capital'] } },
  { id: 3, vector: [0.36, 0.55, 0.47, 0.94], payload: { city: 'Moscow', size: 13_000_000, mayor: null } },
  { id: uuid, vector: [0.18, 0.01, 0.85, 0.8], payload: { city: 'Berlin', ratio: 1.5 } },
];

export function restContract(url: () => string): void {
  const collection = `contract-rest-${process.pid}`;
  const connect = () => new QdrantClient({ url: url() });

  describe('the stock REST client', () => {
    let client: QdrantClient;
    beforeAll(async () => {
      client = connect();
      await client.createCollection(collection, { vectors: { size: 4, distance: 'Dot' }, shard_number: 3 });
      await client.upsert(collection, { wait: true, points: cities });
    });
    afterAll(async () => {
      await client.deleteCollection(collection);
    });

    test('sees the collection', async () => {
      expect((await client.getCollections()).collections).toContainEqual({ name: collection });
      expect(await client.collectionExists(collection)).toStrictEqual({ exists: true });
      expect(await client.collectionExists(`${collection}-other`)).toStrictEqual({ exists: false });
      const info = await client.getCollection(collection);
      expect(info).toMatchObject({ status: 'green', optimizer_status: 'ok', points_count: cities.length });
      expect(info.config.params.vectors).toStrictEqual({ size: 4, distance: 'Dot' });
      expect(info.config.params.shard_number).toBe(3);
    });

    test('creates once only', async () => {
      const again = client.createCollection(collection, { vectors: { size: 4, distance: 'Dot' } });
      await expect(again).rejects.toMatchObject({ status: 409, data: { status: { error: expect.stringContaining('already exists!') } } });
    });

    test('retrieves points as they were sent', async () => {
      const points = await client.retrieve(collection, { ids: [3, uuid, 77, 3], with_vector: true });
      expect(points).toStrictEqual([
        { id: 3, payload: { city: 'Moscow', size: 13_000_000, mayor: null }, vector: [0.36, 0.55, 0.47, 0.94] },
        { id: uuid, payload: { city: 'Berlin', ratio: 1.5 }, vector: [0.18, 0.01, 0.85, 0.8] },
      ]);
    });

    test('finds the nearest by vector and by id', async () => {
      const byVector = await client.query(collection, { query: [0.2, 0.1, 0.9, 0.7], limit: 3, with_payload: ['city'] });
      expect(byVector.points.map(({ id, payload }) => [id, payload])).toStrictEqual([
        [uuid, { city: 'Berlin' }],
        [1, { city: 'Berlin' }],
        [3, { city: 'Moscow' }],
      ]);
      expect(byVector.points[0]?.score).toBeCloseTo(1.362, 3);
      const byId = await client.query(collection, { query: 1, limit: 10 });
      expect(byId.points.map(({ id }) => id)).toStrictEqual([3, uuid, 2]);
      const all = await client.query(collection, { limit: 10 });
      expect(all.points.map(({ id, score }) => [id, score])).toStrictEqual([
        [1, 0],
        [2, 0],
        [3, 0],
        [uuid, 0],
      ]);
    });

    test('pages, cuts by score and answers batches', async () => {
      const query = [0.2, 0.1, 0.9, 0.7];
      const second = await client.query(collection, { query, limit: 1, offset: 1 });
      expect(second.points.map(({ id }) => id)).toStrictEqual([1]);
      const best = await client.query(collection, { query, score_threshold: 1.3 });
      expect(best.points.map(({ id }) => id)).toStrictEqual([uuid]);
      const batch = await client.queryBatch(collection, {
        searches: [
          { query, limit: 1 },
          { query: 3, limit: 1 },
        ],
      });
      expect(batch.map(({ points }) => points.map(({ id }) => id))).toStrictEqual([[uuid], [1]]);
    });

    test('still searches the old way, as older clients do', async () => {
      const points = `${url()}/collections/${collection}/points`;
      const vector = [0.2, 0.1, 0.9, 0.7];

      expect(await postJson(`${points}/search`, { vector, limit: 2 })).toMatchObject({ status: 'ok', result: [{ id: uuid }, { id: 1 }] });
      expect(await postJson(`${points}/search`, { vector: { name: '', vector }, limit: 1 })).toMatchObject({
        result: [{ id: uuid, version: expect.any(Number) }],
      });
      const searches = [{ vector, limit: 1, filter: { must: [{ has_id: [2] }] } }];
      expect(await postJson(`${points}/search/batch`, { searches })).toMatchObject({ result: [[{ id: 2 }]] });
    });

    test.for<[string, Parameters<QdrantClient['count']>[1], number]>([
      ['match value', { filter: { must: [{ key: 'city', match: { value: 'Berlin' } }] } }, 2],
      ['match integer', { filter: { must: [{ key: 'size', match: { value: 3_700_000 } }] } }, 1],
      ['match any', { filter: { should: [{ key: 'city', match: { any: ['London', 'Moscow'] } }] } }, 2],
      ['match except', { filter: { must: [{ key: 'city', match: { except: ['Berlin'] } }] } }, 2],
      ['range', { filter: { must: [{ key: 'size', range: { gt: 3_700_000, lte: 8_900_000 } }] } }, 1],
      ['has_id', { filter: { must_not: [{ has_id: [1, uuid] }] } }, 2],
      ['is_empty', { filter: { must: [{ is_empty: { key: 'tags' } }] } }, 2],
      ['is_null', { filter: { must: [{ is_null: { key: 'mayor' } }] } }, 1],
      [
        'nested clauses',
        { filter: { must: [{ should: [{ has_id: [1] }, { has_id: [2] }] }, { key: 'tags', match: { value: 'river' } }] } },
        1,
      ],
      ['empty filter', { filter: {} }, 4],
    ])('counts with %s', async ([, request, expected]) => {
      expect(await client.count(collection, request)).toStrictEqual({ count: expected });
    });

    test('scrolls over all points in order of id', async () => {
      const seen: unknown[] = [];
      let offset: string | number | undefined;
      for (let page = 0; page < 4; page += 1) {
        const { points, next_page_offset } = await client.scroll(collection, {
          limit: 2,
          with_payload: false,
          ...(offset !== undefined && { offset }),
        });
        seen.push(...points.map(({ id }) => id));
        if (next_page_offset === null || next_page_offset === undefined || typeof next_page_offset === 'object') break;
        offset = next_page_offset;
      }
      expect(seen).toStrictEqual([1, 2, 3, uuid]);
    });

    test('sets payload and deletes by id and by filter', async () => {
      const name = `${collection}-changes`;
      await client.createCollection(name, { vectors: { size: 2, distance: 'Euclid' } });
      const vectors = [
        [0, 0],
        [3, 4],
        [6, 8],
      ];
      await client.upsert(name, { wait: true, batch: { ids: [1, 2, 3], vectors, payloads: [{ a: 1, b: 2 }, null, { a: 1 }] } });
      const update = await client.setPayload(name, { wait: true, points: [1], payload: { b: null, c: 'x' } });
      expect(update).toMatchObject({ status: 'completed', operation_id: expect.any(Number) });
      expect(await client.retrieve(name, { ids: [1] })).toMatchObject([{ payload: { a: 1, c: 'x' } }]);
      await client.delete(name, { wait: true, filter: { must: [{ key: 'c', match: { value: 'x' } }] } });
      await client.delete(name, { wait: true, points: [3, 99] });
      const left = await client.query(name, { query: [0, 0], with_vector: true });
      expect(left.points).toMatchObject([{ id: 2, score: 5, vector: [3, 4] }]);
      expect(await client.deleteCollection(name)).toBe(true);
      expect(await client.deleteCollection(name)).toBe(false);
    });

    test('keeps integers of 64 bits and the kinds of numbers', async () => {
      const name = `${collection}-numbers`;
      await client.createCollection(name, { vectors: { size: 1, distance: 'Dot' } });
      const body =
        '{"points":[{"id":18446744073709551615,"vector":[1],"payload":{"big":-9223372036854775808,"float":1.0,"int":1,"exp":1e3}}]}';
      const put = await fetch(`${url()}/collections/${name}/points?wait=true`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(put.status).toBe(200);
      const got = await (await fetch(`${url()}/collections/${name}/points/18446744073709551615`)).text();
      expect(got).toContain('"id":18446744073709551615');
      for (const member of ['"big":-9223372036854775808', '"float":1.0', '"int":1', '"exp":1000.0']) expect(got).toContain(member);
      await client.deleteCollection(name);
    });

    test('serves named vectors and echoes the whole configuration', async () => {
      const name = `${collection}-named`;
      const vectors = {
        image: { size: 2, distance: 'Cosine', on_disk: true },
        text: { size: 3, distance: 'Manhattan', hnsw_config: { m: 8 } },
      } as const;
      const settings = {
        vectors,
        hnsw_config: { m: 24, ef_construct: 64, on_disk: true },
        optimizers_config: { indexing_threshold: 123 },
        wal_config: { wal_capacity_mb: 1, wal_segments_ahead: 0 },
        on_disk_payload: false,
      };
      await client.createCollection(name, settings);
      const { config } = await client.getCollection(name);
      expect(config.params).toMatchObject({ vectors, on_disk_payload: false });
      expect(config.params.vectors).toStrictEqual(vectors);
      expect(config).toMatchObject({
        hnsw_config: settings.hnsw_config,
        optimizer_config: settings.optimizers_config,
        wal_config: settings.wal_config,
      });
      await client.upsert(name, {
        wait: true,
        points: [
          { id: 1, vector: { image: [3, 4], text: [1, 2, 3] } },
          { id: 2, vector: { text: [1, 1, 1] } },
          { id: 3, vector: {} },
        ],
      });
      expect((await client.query(name, { query: [1, 1, 1], using: 'text' })).points).toMatchObject([
        { id: 2, score: 0 },
        { id: 1, score: 3 },
      ]);
      const [first] = await client.retrieve(name, { ids: [1], with_vector: ['image'], with_payload: false });
      expect(first).toStrictEqual({ id: 1, vector: { image: [0.6, 0.8] } });
      expect((await client.retrieve(name, { ids: [3], with_vector: true }))[0]?.vector).toStrictEqual({});
      await client.deleteCollection(name);
    });

    test('switches aliases', async () => {
      const alias = `${collection}-alias`;
      await client.updateCollectionAliases({ actions: [{ create_alias: { collection_name: collection, alias_name: alias } }] });
      expect((await client.getAliases()).aliases).toContainEqual({ alias_name: alias, collection_name: collection });
      expect((await client.count(alias)).count).toBe(cities.length);
      const renamed = `${alias}-2`;
      await client.updateCollectionAliases({ actions: [{ rename_alias: { old_alias_name: alias, new_alias_name: renamed } }] });
      expect((await client.getCollectionAliases(collection)).aliases).toStrictEqual([{ alias_name: renamed, collection_name: collection }]);
      await client.updateCollectionAliases({ actions: [{ delete_alias: { alias_name: renamed } }] });
      expect((await client.getCollectionAliases(collection)).aliases).toStrictEqual([]);
    });

    test('is told what is not served yet', async () => {
      const groups = client.queryGroups(collection, { query: [1, 1, 1, 1], group_by: 'city' });
      await expect(groups).rejects.toMatchObject({
        status: 501,
        data: { status: { error: expect.stringContaining('not supported yet') } },
      });
      const prefetch = client.query(collection, { prefetch: { query: [1, 1, 1, 1] }, query: { fusion: 'rrf' } });
      await expect(prefetch).rejects.toMatchObject({
        status: 400,
        data: { status: { error: expect.stringMatching(/`(prefetch|query.fusion)` is not supported yet/) } },
      });
    });
  });
}

async function postJson(url: string, body: object): Promise<unknown> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await fetch(url, init)).json();
}
