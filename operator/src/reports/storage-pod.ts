import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { ClusterIdentity } from '@vectorcluster/proto/cluster-identity-header.ts';

/** A Pod that can be asked for reports. */
export interface StoragePod {
  readonly identity: ClusterIdentity;
  readonly node: string;
  readonly podUid: string;
  readonly address: string;
}

/** Undefined while it has no address, and when its processes have ended for good. */
export function storagePod({ metadata, status }: Pod): StoragePod | undefined {
  const cluster = metadata.labels?.[labels.cluster];
  const { namespace, name, uid } = metadata;
  const address = status?.podIP;
  if (cluster === undefined || namespace === undefined || uid === undefined || address === undefined || address === '') return undefined;
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return undefined;
  return { identity: { namespace, cluster }, node: name, podUid: uid, address };
}

export function isSamePlace(a: StoragePod, b: StoragePod): boolean {
  return a.podUid === b.podUid && a.address === b.address && a.identity.cluster === b.identity.cluster;
}
