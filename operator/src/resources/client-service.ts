import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { nodePorts } from './node-ports.ts';
import { clusterLabels, nodeSelector } from './object-labels.ts';
import { clientServiceName } from './object-names.ts';

/** The address that clients use; any node can coordinate any request. */
export function buildClientService(cluster: ClusterIdentity) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: clientServiceName(cluster.name),
      namespace: cluster.namespace,
      labels: clusterLabels(cluster.name),
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
    spec: {
      type: 'ClusterIP',
      selector: nodeSelector(cluster.name),
      ports: nodePorts
        .filter(({ name }) => name === 'rest' || name === 'grpc')
        .map(({ name, port }) => ({ name, port, targetPort: name, protocol: 'TCP' })),
    },
  };
}
