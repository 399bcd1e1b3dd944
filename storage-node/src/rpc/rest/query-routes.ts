import type { Database, QueryRequest } from '../../coordinator/database.ts';
import type { BodyObject } from '../../json/lossless-json.ts';
import type { ScoredPoint } from '../../model/point.ts';
import type { RequestLimits } from '../limits.ts';
import { scoredPointsText } from './answers.ts';
import { bodyObject, pathParameter, readContext, type Endpoint, type RestCall } from './endpoint.ts';
import { readBatch, readQuery, readSearch, type QueryReader } from './query-body.ts';

const points = '/collections/:collection/points';
type ReadOne = (body: BodyObject, reader: QueryReader) => QueryRequest;

const inObject = (text: string) => `{"points":${text}}`;
const bare = (text: string) => text;

/** Query, and the older search, which many clients still call. They differ in their bodies and in how a result is wrapped. */
export function queryRoutes(database: Database, limits: RequestLimits): readonly Endpoint[] {
  /** Reads all before it asks for any, so that a batch with one bad search does nothing. */
  const run = async (call: RestCall, bodies: readonly BodyObject[], read: ReadOne): Promise<readonly (readonly ScoredPoint[])[]> => {
    const context = readContext(call);
    const name = pathParameter(call, 'collection');
    const reader = { collection: database.collectionConfig(name), limits };
    const requests = bodies.map((body) => read(body, reader));
    return Promise.all(requests.map((request) => database.query(name, request, context)));
  };
  const single =
    (read: ReadOne, wrap: (points: string) => string): Endpoint['handle'] =>
    async (call) => {
      const [found = []] = await run(call, [bodyObject(call)], read);
      return wrap(scoredPointsText(found));
    };
  const batch =
    (read: ReadOne, wrap: (points: string) => string): Endpoint['handle'] =>
    async (call) => {
      const results = await run(call, readBatch(bodyObject(call), limits), read);
      return `[${results.map((found) => wrap(scoredPointsText(found))).join(',')}]`;
    };
  return [
    { method: 'POST', path: `${points}/query`, operation: 'query points', handle: single(readQuery, inObject) },
    { method: 'POST', path: `${points}/query/batch`, operation: 'query points in a batch', handle: batch(readQuery, inObject) },
    { method: 'POST', path: `${points}/search`, operation: 'search points', handle: single(readSearch, bare) },
    { method: 'POST', path: `${points}/search/batch`, operation: 'search points in a batch', handle: batch(readSearch, bare) },
  ];
}
