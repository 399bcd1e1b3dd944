/**
 * Calls to a node's peer port say which cluster they mean: an address of a Pod that is gone may belong to another cluster's Pod by now,
 * and a node must never answer for a cluster that is not its own.
 */
import { Metadata } from '@grpc/grpc-js';

export interface ClusterIdentity {
  readonly namespace: string;
  readonly cluster: string;
}

const key = 'vectorcluster-cluster';

export function identityMetadata(identity: ClusterIdentity): Metadata {
  const metadata = new Metadata();
  metadata.set(key, written(identity));
  return metadata;
}

/** What the caller said instead, when it was not this cluster. */
export function foreignIdentity(metadata: Metadata, own: ClusterIdentity): string | undefined {
  const said = metadata.get(key)[0]?.toString() ?? 'no cluster';
  return said === written(own) ? undefined : said;
}

function written({ namespace, cluster }: ClusterIdentity): string {
  return `${namespace}/${cluster}`;
}
