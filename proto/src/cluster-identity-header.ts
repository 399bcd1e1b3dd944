/**
 * Calls to a node's peer port say which cluster they mean: an address of a Pod that is gone may belong to another cluster's Pod by now,
 * and a node must never answer for a cluster that is not its own.
 */
export interface ClusterIdentity {
  readonly namespace: string;
  readonly cluster: string;
}

export const identityHeader = 'vectorcluster-cluster';

/** As HTTP/2 headers, for callers without a gRPC library. */
export function identityHeaders(identity: ClusterIdentity): Readonly<Record<string, string>> {
  return { [identityHeader]: writtenIdentity(identity) };
}

export function writtenIdentity({ namespace, cluster }: ClusterIdentity): string {
  return `${namespace}/${cluster}`;
}
