/** Hostile and broken input at the REST edge: the right code and text, nothing changed, and the server goes on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServers, type TestServers } from './test-servers.ts';

let servers: TestServers;
let before: string;

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function call(method: string, path: string, body?: string): Promise<Answer> {
  const init = body === undefined ? { method } : { method, body, headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${servers.url}${path}`, init);
  return { status: response.status, text: await response.text() };
}

/** Sends bytes as they are, and gives what came back until the server closed. */
async function raw(bytes: string, after?: (socket: Socket) => void): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: servers.port, allowHalfOpen: true });
  const chunks: string[] = [];
  socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  const closed = new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  await once(socket, 'connect');
  socket.write(bytes);
  after?.(socket);
  await closed;
  socket.destroy();
  return chunks.join('');
}

/** Everything the database holds, as a client sees it. */
async function state(): Promise<string> {
  const { text: names } = await call('GET', '/collections');
  const { text: points } = await call('POST', '/collections/shop/points/scroll', '{"limit":100,"with_vector":true}');
  return JSON.stringify([names, points]).replaceAll(/\\"time\\":[^}]*/g, '');
}

beforeAll(async () => {
  servers = await startTestServers({ bodyBytes: 200_000, receiveTimeoutMs: 300 });
  await call('PUT', '/collections/shop', '{"vectors":{"size":2,"distance":"Dot"}}');
  await call('PUT', '/collections/shop/points?wait=true', '{"points":[{"id":1,"vector":[1,2],"payload":{"a":1}}]}');
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});
beforeEach(async () => {
  before = await state();
  return async () => {
    if ((await state()) !== before) throw new Error('the call changed what is stored');
  };
});

const points = '/collections/shop/points';
const query = `${points}/query`;
const upsert = (vector: string) => `{"points":[{"id":2,"vector":${vector}}]}`;

describe('bodies that are not what the call wants', () => {
  test.for<readonly [title: string, method: string, path: string, body: string, status: number, text: string]>([
    ['not JSON', 'PUT', points, '{"points":', 400, 'Format error in JSON body: '],
    ['no body', 'PUT', points, '', 400, 'Format error in JSON body: the body is empty'],
    ['a list', 'PUT', points, '[]', 400, 'Format error in JSON body: expected an object'],
    ['missing points', 'PUT', points, '{}', 400, 'missing field `points`'],
    ['an unknown field', 'PUT', points, '{"points":[],"pionts":[]}', 400, 'unknown field `pionts`'],
    ['an unknown field of a point', 'PUT', points, '{"points":[{"id":2,"vector":[1,2],"payloda":{}}]}', 400, 'unknown field `payloda`'],
    ['a point without vector', 'PUT', points, '{"points":[{"id":2}]}', 400, 'missing field `points.0.vector`'],
    ['a negative id', 'PUT', points, '{"points":[{"id":-1,"vector":[1,2]}]}', 400, 'value -1 is not a valid point ID'],
    ['an id of 65 bits', 'PUT', points, '{"points":[{"id":18446744073709551616,"vector":[1,2]}]}', 400, 'is not a valid point ID'],
    ['a number in quotes as id', 'PUT', points, '{"points":[{"id":"7","vector":[1,2]}]}', 400, 'is not a valid point ID'],
    ['a good and a bad point', 'PUT', points, '{"points":[{"id":2,"vector":[1,2]},{"id":3,"vector":[1]}]}', 400, 'expected dim: 2, got 1'],
    ['NaN', 'PUT', points, upsert('[NaN,1]'), 400, 'Format error in JSON body: '],
    ['Infinity', 'PUT', points, upsert('[Infinity,1]'), 400, 'Format error in JSON body: '],
    ['an infinite double', 'PUT', points, upsert('[1e999,1]'), 400, 'Format error in JSON body: number out of range: 1e999'],
    ['an infinite 32-bit float', 'PUT', points, upsert('[1e39,1]'), 400, 'Wrong input: vector holds 1e+39 at 0'],
    ['text in a vector', 'PUT', points, upsert('["1",2]'), 400, 'points.0.vector.0: expected a number'],
    ['a wrong dimension', 'PUT', points, upsert('[1,2,3]'), 400, 'Wrong input: Vector dimension error: expected dim: 2, got 3'],
    [
      'a long wrong dimension',
      'PUT',
      points,
      upsert(JSON.stringify(Array.from({ length: 99 }, () => 1.5))),
      400,
      'expected dim: 2, got 99',
    ],
    ['an unknown vector name', 'PUT', points, upsert('{"image":[1,2]}'), 400, 'Wrong input: Not existing vector name error: image'],
    ['a sparse vector', 'PUT', points, upsert('{"indices":[1],"values":[1]}'), 400, 'sparse vectors are not supported yet'],
    ['a multivector', 'PUT', points, upsert('[[1,2]]'), 400, 'multivectors are not supported yet'],
    [
      'a payload that is a list',
      'PUT',
      points,
      '{"points":[{"id":2,"vector":[1,2],"payload":[1]}]}',
      400,
      'points.0.payload: expected an object',
    ],
    [
      'columns of unequal length',
      'PUT',
      points,
      '{"batch":{"ids":[2,3],"vectors":[[1,2]]}}',
      400,
      'batch.vectors: has 1 entries for 2 ids',
    ],
    ['an update filter', 'PUT', points, '{"points":[],"update_filter":{}}', 400, '`update_filter` is not supported yet'],
    ['another update mode', 'PUT', points, '{"points":[],"update_mode":"insert_only"}', 400, '`update_mode` is not supported yet'],
    ['custom sharding', 'PUT', '/collections/new', '{"sharding_method":"custom"}', 400, '`sharding_method` is not supported yet'],
    [
      '16-bit floats',
      'PUT',
      '/collections/new',
      '{"vectors":{"size":1,"distance":"Dot","datatype":"float16"}}',
      400,
      '`datatype` is not supported yet',
    ],
    ['a shard key', 'POST', `${points}/delete`, '{"points":[1],"shard_key":"a"}', 400, '`shard_key` is not supported yet'],
    ['neither points nor filter', 'POST', `${points}/delete`, '{}', 400, 'either `points` or `filter` must be given'],
    ['an unknown condition', 'POST', `${points}/delete`, '{"filter":{"must":[{"hasid":[1]}]}}', 400, 'unknown condition `hasid`'],
    ['an unknown clause', 'POST', `${points}/delete`, '{"filter":{"msut":[]}}', 400, 'unknown field `msut` in `filter`'],
    [
      'a text match',
      'POST',
      `${points}/delete`,
      '{"filter":{"must":{"key":"a","match":{"text":"x"}}}}',
      400,
      '`filter.must.match.text` is not supported yet',
    ],
    [
      'a float to match',
      'POST',
      `${points}/count`,
      '{"filter":{"must":{"key":"a","match":{"value":1.0}}}}',
      400,
      'is not a string, an integer or a boolean',
    ],
    ['a blank key', 'POST', `${points}/count`, '{"filter":{"must":{"is_null":{"key":" "}}}}', 422, 'Validation error in JSON body: ['],
    ['a limit of 0', 'POST', query, '{"limit":0}', 422, 'Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]'],
    ['a limit of text', 'POST', query, '{"limit":"many"}', 400, 'Format error in JSON body: limit: invalid type'],
    ['a limit beyond all', 'POST', query, '{"limit":10001}', 400, 'Limit exceeded 10001 > 10000'],
    ['an unknown vector to search', 'POST', query, '{"query":[1,2],"using":"image"}', 400, 'Not existing vector name error: image'],
    ['a fusion', 'POST', query, '{"query":{"fusion":"rrf"}}', 400, '`query.fusion` is not supported yet'],
    ['a prefetch', 'POST', query, '{"prefetch":[]}', 400, '`prefetch` is not supported yet'],
    ['a query of another kind', 'POST', query, '{"query":true}', 400, 'is neither a vector nor a point id'],
    ['a point that is not there to search by', 'POST', query, '{"query":99}', 404, 'No point with id 99 found'],
    ['an order', 'POST', `${points}/scroll`, '{"order_by":"a"}', 400, '`order_by` is not supported yet'],
    ['a bad consistency', 'POST', `${points}/scroll?consistency=some`, '{}', 400, 'Validation error in query parameters: [consistency'],
    ['a timeout of 0', 'POST', `${points}/scroll?timeout=0`, '{}', 400, 'Validation error in query parameters: [timeout'],
    ['a bad wait', 'POST', `${points}/delete?wait=perhaps`, '{"points":[1]}', 400, 'Validation error in query parameters: [wait'],
    ['a dimension of 0', 'PUT', '/collections/new', '{"vectors":{"size":0,"distance":"Dot"}}', 422, 'size: value 0 invalid'],
    ['an unknown distance', 'PUT', '/collections/new', '{"vectors":{"size":1,"distance":"Far"}}', 400, 'distance: unknown value "Far"'],
    [
      'too many vectors',
      'PUT',
      '/collections/new',
      JSON.stringify({ vectors: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [at, { size: 1, distance: 'Dot' }])) }),
      400,
      'Limit exceeded 65 > 64 for "named vectors"',
    ],
    ['sparse vectors', 'PUT', '/collections/new', '{"sparse_vectors":{"s":{}}}', 400, '`sparse_vectors` is not supported yet'],
    ['quantization', 'PUT', '/collections/new', '{"quantization_config":{"scalar":{}}}', 400, '`quantization_config` is not supported yet'],
    ['an alias of a list', 'POST', '/collections/aliases', '{"actions":[[]]}', 400, 'Format error in JSON body: actions.0'],
  ])('%s', async ([, method, path, body, status, text]) => {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, text: expect.stringContaining(JSON.stringify(text).slice(1, -1)) });
    expect(JSON.parse(answer.text)).toStrictEqual({ status: { error: expect.any(String) }, time: expect.any(Number) });
  });

  test.for(['[', '{"a":', '{"points":[{"id":2,"vector":[1,2],"payload":{"a":'])('depth of 100,000 after %s', async (opening) => {
    const answer = await call('PUT', points, opening.repeat(Math.floor(190_000 / opening.length)));
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('nested deeper than 128 levels') });
  });

  test('a payload deeper than the limit', async () => {
    const payload = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
    const answer = await call('PUT', points, `{"points":[{"id":2,"vector":[1,2],"payload":${payload}}]}`);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('Limit exceeded 33 > 32') });
  });

  test('a filter deeper than the limit, and one of too many conditions', async () => {
    const deep = `{"filter":${'{"must":['.repeat(30)}{"has_id":[1]}${']}'.repeat(30)}}`;
    expect(await call('POST', `${points}/delete`, deep)).toMatchObject({
      status: 400,
      text: expect.stringContaining('Limit exceeded 21 > 20'),
    });
    const wide = JSON.stringify({ filter: { should: Array.from({ length: 1025 }, () => ({ has_id: [1] })) } });
    expect(await call('POST', `${points}/delete`, wide)).toMatchObject({
      status: 400,
      text: expect.stringContaining('Limit exceeded 1025 > 1024'),
    });
  });
});

describe('names', () => {
  const settings = '{"vectors":{"size":1,"distance":"Dot"}}';
  test.for(['a%2Fb', '%2e%2e%2fetc', 'nul%00', 'a'.repeat(300), '%22quoted%22', 'tab%1f', encodeURIComponent('ü'.repeat(300))])(
    '%s makes no collection',
    async (name) => {
      expect(await call('PUT', `/collections/${name}`, settings)).toMatchObject({
        status: 422,
        text: expect.stringContaining('Validation error in path parameters'),
      });
      expect(await call('GET', `/collections/${name}`)).toMatchObject({ status: 404 });
      expect(await call('PUT', `/collections/${name}/points`, '{"points":[]}')).toMatchObject({ status: 404 });
      expect(await call('DELETE', `/collections/${name}`)).toMatchObject({ status: 200, text: expect.stringContaining('"result":false') });
    },
  );

  test('dots are no name, even where the client does not fold them away', async () => {
    for (const name of ['..', '.', '%2e%2e']) {
      const answer = await raw(
        `PUT /collections/${name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${settings.length}\r\n\r\n${settings}`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 422 /);
    }
  });

  test.for<readonly [string, string, number]>([
    ['GET', '/collections/%ZZ', 400],
    ['GET', '/collections/absent', 404],
    ['GET', '/nowhere', 404],
    ['GET', `${points}/not-an-id`, 400],
    ['GET', `${points}/77`, 404],
    ['GET', `/collections/shop/${'x/'.repeat(2000)}`, 404],
    ['PATCH', '/collections/shop', 501],
    ['GET', '/telemetry', 501],
  ])('%s %s answers %d in the envelope', async ([method, path, status]) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toStrictEqual({ status: { error: expect.any(String) }, time: expect.any(Number) });
  });
});

const head = (length: number) => `PUT ${points} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('connections', () => {
  const whole = '{"points":[]}';

  test('a body over the limit', async () => {
    const answer = await call('PUT', points, ' '.repeat(200_001));
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ status: { error: expect.stringContaining('too large') } });
  });

  test('a chunked body that grows over the limit', async () => {
    const chunk = `10000\r\n${' '.repeat(65536)}\r\n`.repeat(5);
    expect(await raw(`PUT ${points} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('a body cut short', async () => {
    expect(await raw(`${head(1000)}{"points":[{"id":2`, (socket) => socket.destroy())).toBe('');
  });

  test('a body that never ends is given up and the connection closed', async () => {
    expect(await raw(`${head(1000)}{"points":[`)).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close/i);
  });

  test('a head that never ends is given up', async () => {
    expect(await raw(`PUT ${points} HTTP/1.1\r\nX-Endless: `)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a client that closes its half after sending still gets its answer', async () => {
    expect(await raw(head(whole.length) + whole, (socket) => socket.end())).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('what is not HTTP', async () => {
    expect(await raw('\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('a slash at the end, and another origin, are welcome', async () => {
  const response = await fetch(`${servers.url}/collections/`, { headers: { origin: 'http://elsewhere' } });
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const preflight = await fetch(`${servers.url}${points}`, { method: 'OPTIONS', headers: { 'access-control-request-headers': 'api-key' } });
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toStrictEqual([204, 'api-key']);
});
