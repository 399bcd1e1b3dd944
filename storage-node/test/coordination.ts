/** What a coordinator needs of its node, with stand-ins for all that a test does not care about. */
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { CollectionObjects } from '../src/coordinator/collection-objects.ts';
import type { Coordination } from '../src/coordinator/coordination.ts';
import { Hedging } from '../src/coordinator/hedging.ts';
import { NodeLoads } from '../src/coordinator/node-loads.ts';
import { ShardUnavailableError } from '../src/errors.ts';
import { emptyTopology } from '../src/topology/topology.ts';
import { ManualClock } from './manual-clock.ts';

const unreachable = `
apiVersion: v1
kind: Config
current-context: none
contexts: [{ name: none, context: { cluster: none, user: none } }]
clusters: [{ name: none, cluster: { server: 'http://127.0.0.1:1' } }]
users: [{ name: none, user: {} }]
`;

const nothingThere = (): never => {
  throw new ShardUnavailableError('there is no shard here');
};

export function coordinationOf({
  clock = new ManualClock(),
  ...parts
}: Partial<Coordination> & { readonly clock?: ManualClock }): Coordination {
  const now = () => clock.now;
  return {
    node: 'own',
    zone: '',
    topology: { current: () => emptyTopology, until: async () => emptyTopology },
    hash: () => 0n,
    localShard: nothingThere,
    remoteShard: nothingThere,
    observe: async () => {},
    collections: new CollectionObjects({ client: KubeClient.fromKubeconfig(unreachable), namespace: 'default', cluster: 'shop' }),
    loads: new NodeLoads(now),
    hedging: new Hedging(),
    metrics: { readAnswered: () => {}, readHedged: () => {} },
    now,
    after: clock.after,
    sleep: async (_, signal) => signal.throwIfAborted(),
    random: () => 0.5,
    ...parts,
  };
}
