/** Whatever JSON comes to whichever call: an answer in the envelope, never a failure of ours. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServers, type TestServers } from './test-servers.ts';

const points = '/collections/shop/points';
const vector = [0.1, 0.2];
const filter = {
  must: [
    { key: 'a', match: { any: ['x', 1] } },
    { key: 'b', range: { lt: 2 } },
  ],
  should: { is_null: { key: 'c' } },
  must_not: [{ has_id: [1] }],
};

/** A right body for each call, to be broken in one place. */
const calls: readonly (readonly [method: string, path: string, body: unknown])[] = [
  [
    'PUT',
    '/collections/other',
    {
      vectors: { text: { size: 4, distance: 'Dot', hnsw_config: { m: 8 } } },
      optimizers_config: { indexing_threshold: 1 },
      metadata: { a: [1.5] },
    },
  ],
  [
    'PUT',
    points,
    {
      points: [
        { id: 1, vector, payload: { a: 'x', b: { c: [1, null] } } },
        { id: 2, vector: { '': vector } },
      ],
    },
  ],
  ['PUT', points, { batch: { ids: [3, 4], vectors: [vector, vector], payloads: [{ a: 1 }, null] } }],
  ['POST', `${points}/delete`, { filter }],
  ['POST', `${points}/payload`, { payload: { d: 1 }, points: [1, 2] }],
  ['POST', points, { ids: [1, 2], with_vector: [''], with_payload: { exclude: ['a'] } }],
  ['POST', `${points}/scroll`, { filter, limit: 2, offset: 1, with_payload: ['a'] }],
  ['POST', `${points}/count`, { filter, exact: true }],
  [
    'POST',
    `${points}/query`,
    { query: { nearest: vector }, filter, params: { hnsw_ef: 32, exact: true }, score_threshold: 0.5, limit: 3, offset: 1, using: '' },
  ],
  ['POST', `${points}/query/batch`, { searches: [{ query: 1, limit: 2 }, { query: vector }] }],
  ['POST', `${points}/search`, { vector: { name: '', vector }, limit: 3, with_vector: true }],
  [
    'POST',
    '/collections/aliases',
    { actions: [{ create_alias: { collection_name: 'shop', alias_name: 'store' } }, { delete_alias: { alias_name: 'store' } }] },
  ],
];

const oddValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    2 ** 60,
    '',
    '..',
    '\ud800',
    'a'.repeat(300),
    [],
    {},
    [[]],
    [null],
    { '': {} },
    { __proto__: null, constructor: 1 },
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

const answers = [200, 400, 404, 409, 422];

let servers: TestServers;
beforeAll(async () => {
  servers = await startTestServers();
  await fetch(`${servers.url}/collections/shop`, { method: 'PUT', body: '{"vectors":{"size":2,"distance":"Cosine"}}' });
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

test('a right body broken in one place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...calls),
      fc.nat(),
      oddValues,
      fc.string({ maxLength: 8 }),
      async ([method, path, body], place, odd, key) => {
        const places = placesIn(body);
        const broken = changed(body, places[place % places.length] ?? [], odd, key);
        const { status, text } = await send(method, path, JSON.stringify(broken));
        expect(JSON.parse(text)).toMatchObject({ time: expect.any(Number) });
        expect(answers, `${method} ${path} ${JSON.stringify(broken)} answered ${text}`).toContain(status);
      },
    ),
    { numRuns: 1500 },
  );
});

test('any JSON at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...calls), fc.json(), async ([method, path], body) => {
      const { status, text } = await send(method, path, body);
      expect({ text, known: answers.includes(status) }).toStrictEqual({ text, known: true });
    }),
    { numRuns: 300 },
  );
});

async function send(method: string, path: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  const init: RequestInit = { method, body };
  const response = await fetch(`${servers.url}${path}`, init);
  return { status: response.status, text: await response.text() };
}

type Place = readonly (string | number)[];

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, member]) => placesIn(member).map((place) => [key, ...place]))];
}

/** `odd` in the place of what is there; an object instead gets one more member, so that unknown fields come up too. */
function changed(value: unknown, [step, ...rest]: Place, odd: unknown, key: string): unknown {
  if (step === undefined)
    return key !== '' && typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, [key]: odd } : odd;
  if (Array.isArray(value))
    return value.map((member: unknown, index) => (index === Number(step) ? changed(member, rest, odd, key) : member));
  if (typeof value !== 'object' || value === null) return odd;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [name, name === step ? changed(member, rest, odd, key) : member]),
  );
}
