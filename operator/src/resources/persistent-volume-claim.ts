import { labels } from '@vectorcluster/crds/labels.ts';
import type { Storage } from '@vectorcluster/crds/vector-cluster.ts';
import { ownedBy, type Owner } from './built-object.ts';
import { poolLabels } from './object-labels.ts';

export const topologyKeyAnnotation = 'vectorcluster.io/topology-key';

export interface VolumeClaimInput {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly pool: string;
  readonly node: string;
  readonly zone: string;
  /** Node label that the zone is a value of. */
  readonly topologyKey: string;
  readonly storage: Storage;
  /** The cluster when its volumes go with it; undefined when they stay behind. */
  readonly deletedWith: Owner | undefined;
}

/** The volume of one node. Its zone label is the memory of where the node belongs while the Pod is gone. */
export function buildPersistentVolumeClaim(input: VolumeClaimInput) {
  const { storage, deletedWith } = input;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: input.name,
      namespace: input.namespace,
      labels: { ...poolLabels(input.cluster, input.pool), [labels.node]: input.node, [labels.zone]: input.zone },
      annotations: { [topologyKeyAnnotation]: input.topologyKey },
      ...(deletedWith && { ownerReferences: [ownedBy(deletedWith)] }),
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: storage.size } },
      ...(storage.storageClassName !== undefined && { storageClassName: storage.storageClassName }),
      ...(storage.volumeAttributesClassName !== undefined && { volumeAttributesClassName: storage.volumeAttributesClassName }),
    },
  };
}
