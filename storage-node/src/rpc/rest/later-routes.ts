/** The rest of the public contract: each call answers that it is not served yet, never an empty success. */
import { NotSupportedError } from '../../errors.ts';
import type { Endpoint } from './endpoint.ts';

const collection = '/collections/:collection';
const later: readonly (readonly [methods: readonly Endpoint['method'][], path: string])[] = [
  [['PATCH'], collection],
  [['PUT'], `${collection}/index`],
  [['DELETE'], `${collection}/index/:field`],
  [['PUT', 'DELETE'], `${collection}/vectors/:vector`],
  [['GET'], `${collection}/optimizations`],
  [['GET', 'POST'], `${collection}/cluster`],
  [['GET', 'PUT'], `${collection}/shards`],
  [['POST'], `${collection}/shards/delete`],
  [['POST'], `${collection}/facet`],
  [['PUT'], `${collection}/points/vectors`],
  [['POST'], `${collection}/points/vectors/delete`],
  [['PUT'], `${collection}/points/payload`],
  [['POST'], `${collection}/points/payload/delete`],
  [['POST'], `${collection}/points/payload/clear`],
  [['POST'], `${collection}/points/batch`],
  [['POST'], `${collection}/points/query/groups`],
  [['POST'], `${collection}/points/search/groups`],
  [['POST'], `${collection}/points/search/matrix/pairs`],
  [['POST'], `${collection}/points/search/matrix/offsets`],
  [['POST'], `${collection}/points/recommend`],
  [['POST'], `${collection}/points/recommend/batch`],
  [['POST'], `${collection}/points/recommend/groups`],
  [['POST'], `${collection}/points/discover`],
  [['POST'], `${collection}/points/discover/batch`],
  [['GET', 'POST'], `${collection}/snapshots`],
  [['GET', 'DELETE'], `${collection}/snapshots/:snapshot`],
  [['PUT'], `${collection}/snapshots/recover`],
  [['POST'], `${collection}/snapshots/upload`],
  [['GET', 'POST'], `${collection}/shards/:shard/snapshots`],
  [['GET', 'DELETE'], `${collection}/shards/:shard/snapshots/:snapshot`],
  [['PUT'], `${collection}/shards/:shard/snapshots/recover`],
  [['POST'], `${collection}/shards/:shard/snapshots/upload`],
  [['GET'], `${collection}/shards/:shard/snapshot`],
  [['GET', 'POST'], '/snapshots'],
  [['GET', 'DELETE'], '/snapshots/:snapshot'],
  [['GET'], '/cluster'],
  [['POST'], '/cluster/recover'],
  [['DELETE'], '/cluster/peer/:peer'],
  [['GET'], '/cluster/telemetry'],
  [['GET'], '/telemetry'],
  [['GET'], '/metrics'],
  [['GET', 'DELETE'], '/issues'],
  [['GET', 'PUT'], '/quotas'],
];

export function laterRoutes(): readonly Endpoint[] {
  return later.flatMap(([methods, path]) => methods.map((method) => notServed(method, path)));
}

function notServed(method: Endpoint['method'], path: string): Endpoint {
  return {
    method,
    path,
    operation: 'not supported',
    handle: async () => Promise.reject(new NotSupportedError(`${method} ${path}`)),
  };
}
