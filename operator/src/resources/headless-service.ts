import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { nodePorts } from './node-ports.ts';
import { clusterLabels, nodeSelector } from './object-labels.ts';
import { headlessServiceName } from './object-names.ts';

/** Where nodes find each other. Peers must meet before they are ready, so unready addresses are published. */
export function buildHeadlessService(cluster: ClusterIdentity) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: headlessServiceName(cluster.name),
      namespace: cluster.namespace,
      labels: clusterLabels(cluster.name),
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: nodeSelector(cluster.name),
      ports: nodePorts.map(({ name, port }) => ({ name, port, targetPort: name, protocol: 'TCP' })),
    },
  };
}
