/** What the stock gRPC client for JavaScript must find at a URL. Runs against any VectorCluster; leaves nothing behind. */
import { QdrantClient } from '@qdrant/js-client-grpc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const uuid = '0b1f6f0e-9c5a-4f5e-8c3b-1d2e3f405162';
const num = (value: bigint) => ({ pointIdOptions: { case: 'num' as const, value } });
const dense = (data: number[]) => ({ vector: { case: 'dense' as const, value: { data } } });
const unnamed = (data: number[]) => ({ vectorsOptions: { case: 'vector' as const, value: dense(data) } });
const text = (value: string) => ({ kind: { case: 'stringValue' as const, value } });
const keyIs = (key: string, value: string) => ({
  conditionOneOf: { case: 'field' as const, value: { key, match: { matchValue: { case: 'keyword' as const, value } } } },
});
const nearest = (data: number[]) => ({
  variant: { case: 'nearest' as const, value: { variant: { case: 'dense' as const, value: { data } } } },
});
const everything = { selectorOptions: { case: 'enable' as const, value: true } };

export function grpcContract(url: () => string): void {
  const collectionName = `contract-grpc-${process.pid}`;

  describe('the stock gRPC client', () => {
    let collections: ReturnType<typeof QdrantClient.prototype.api<'collections'>>;
    let points: ReturnType<typeof QdrantClient.prototype.api<'points'>>;
    let client: QdrantClient;
    beforeAll(async () => {
      client = new QdrantClient({ url: url(), checkCompatibility: false });
      collections = client.api('collections');
      points = client.api('points');
      const params = { size: 4n, distance: 3, hnswConfig: { m: 24n }, onDisk: true };
      const metadata = { owner: text('tests') };
      await collections.create({ collectionName, shardNumber: 2, vectorsConfig: { config: { case: 'params', value: params } }, metadata });
      await points.upsert({
        collectionName,
        wait: true,
        points: [
          { id: num(1n), vectors: unnamed([0.05, 0.61, 0.76, 0.74]), payload: { city: text('Berlin') } },
          // The older form of a vector, which clients before 1.16 send.
          {
            id: num(2n ** 64n - 1n),
            vectors: { vectorsOptions: { case: 'vector', value: { data: [0.19, 0.81, 0.75, 0.11] } } },
            payload: { city: text('London') },
          },
          {
            id: { pointIdOptions: { case: 'uuid', value: uuid } },
            vectors: unnamed([0.18, 0.01, 0.85, 0.8]),
            payload: { city: text('Berlin') },
          },
        ],
      });
    });
    afterAll(async () => {
      await collections.delete({ collectionName });
    });

    test('learns who answers', async () => {
      expect(await client.api('service').healthCheck({})).toMatchObject({
        title: 'qdrant - vector search engine',
        version: expect.stringMatching(/^1\./),
      });
    });

    test('sees the collection and its configuration', async () => {
      expect((await collections.list({})).collections.map(({ name }) => name)).toContain(collectionName);
      expect(await collections.collectionExists({ collectionName })).toMatchObject({ result: { exists: true } });
      const { result } = await collections.get({ collectionName });
      expect(result).toMatchObject({
        status: 1,
        pointsCount: 3n,
        config: {
          params: {
            shardNumber: 2,
            vectorsConfig: { config: { case: 'params', value: { size: 4n, distance: 3, onDisk: true, hnswConfig: { m: 24n } } } },
          },
        },
      });
      expect(result?.config?.metadata).toMatchObject({ owner: text('tests') });
    });

    test('finds the nearest, with and without a filter', async () => {
      const query = nearest([0.2, 0.1, 0.9, 0.7]);
      const all = await points.query({ collectionName, query, withPayload: everything, withVectors: everything });
      expect(all.result.map(({ id }) => id?.pointIdOptions.value)).toStrictEqual([uuid, 1n, 2n ** 64n - 1n]);
      expect(all.result[0]).toMatchObject({ payload: { city: text('Berlin') }, version: expect.any(BigInt) });
      expect(all.result[0]?.score).toBeCloseTo(1.362, 3);
      const vector = all.result[0]?.vectors?.vectorsOptions;
      expect(vector).toMatchObject({ case: 'vector', value: { data: [], vector: { case: 'dense' } } });
      const london = await points.query({ collectionName, query, filter: { must: [keyIs('city', 'London')] } });
      expect(london.result.map(({ id }) => id?.pointIdOptions.value)).toStrictEqual([2n ** 64n - 1n]);
      const batch = await points.queryBatch({
        collectionName,
        queryPoints: [
          { collectionName, query, limit: 1n },
          { collectionName, query, limit: 2n },
        ],
      });
      expect(batch.result.map(({ result }) => result.length)).toStrictEqual([1, 2]);
    });

    test('still searches the old way', async () => {
      const found = await points.search({ collectionName, vector: [0.2, 0.1, 0.9, 0.7], limit: 2n });
      expect(found.result.map(({ id }) => id?.pointIdOptions.value)).toStrictEqual([uuid, 1n]);
    });

    test('retrieves, scrolls, counts, sets payload, deletes', async () => {
      const got = await points.get({ collectionName, ids: [num(1n), num(99n)], withPayload: everything });
      expect(got.result).toMatchObject([{ id: num(1n), payload: { city: text('Berlin') } }]);
      const page = await points.scroll({ collectionName, limit: 2 });
      expect(page.result.map(({ id }) => id?.pointIdOptions.value)).toStrictEqual([1n, 2n ** 64n - 1n]);
      expect(page.nextPageOffset?.pointIdOptions.value).toBe(uuid);
      const selector = { pointsSelectorOneOf: { case: 'filter' as const, value: { must: [keyIs('city', 'Berlin')] } } };
      const numbers = {
        int: { kind: { case: 'integerValue' as const, value: 2n ** 60n } },
        float: { kind: { case: 'doubleValue' as const, value: 1 } },
      };
      await points.setPayload({ collectionName, wait: true, pointsSelector: selector, payload: numbers });
      expect((await points.get({ collectionName, ids: [num(1n)], withPayload: everything })).result[0]?.payload).toMatchObject(numbers);
      const deleted = await points.delete({ collectionName, wait: true, points: selector });
      expect(deleted.result).toMatchObject({ status: 2, operationId: expect.any(BigInt) });
      expect((await points.count({ collectionName, exact: true })).result?.count).toBe(1n);
    });

    test('gets the codes of the contract for errors', async () => {
      await expect(collections.get({ collectionName: 'absent' })).rejects.toMatchObject({
        code: 5,
        rawMessage: "Not found: Collection `absent` doesn't exist!",
      });
      const short = points.upsert({ collectionName, points: [{ id: num(1n), vectors: unnamed([1, 2]) }] });
      await expect(short).rejects.toMatchObject({ code: 3, rawMessage: 'Wrong input: Vector dimension error: expected dim: 4, got 2' });
      const nan = points.upsert({ collectionName, points: [{ id: num(1n), vectors: unnamed([1, 2, Number.NaN, 4]) }] });
      await expect(nan).rejects.toMatchObject({ code: 3, rawMessage: expect.stringContaining('not a finite 32-bit float') });
      await expect(points.facet({ collectionName, key: 'city' })).rejects.toMatchObject({
        code: 12,
        rawMessage: expect.stringContaining('not supported yet'),
      });
      const again = collections.create({ collectionName, vectorsConfig: { config: { case: 'params', value: { size: 4n, distance: 1 } } } });
      await expect(again).rejects.toMatchObject({ code: 6 });
    });
  });
}
