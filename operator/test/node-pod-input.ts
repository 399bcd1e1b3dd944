import type { NodePodInput } from '../src/resources/pod.ts';

/** What a Pod is built from where the pool asks for nothing of its own. */
export const nodePodInput: NodePodInput = {
  name: 'shop-data-0',
  namespace: 'default',
  cluster: 'shop',
  clusterUid: 'uid-of-shop',
  pool: 'data',
  role: 'Data',
  owner: { kind: 'VectorPool', name: 'shop-data', uid: 'p1' },
  zone: 'a',
  topologyKey: 'topology.kubernetes.io/zone',
  image: 'vectorcluster/storage-node:0.1.0',
  volumeName: 'data-shop-data-0',
  serviceAccountName: 'shop-node',
  template: {},
};
