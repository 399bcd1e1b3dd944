/** The identity that calls to a peer port carry, as gRPC's metadata. */
import { Metadata } from '@grpc/grpc-js';
import { identityHeader, writtenIdentity, type ClusterIdentity } from './cluster-identity-header.ts';

export type { ClusterIdentity } from './cluster-identity-header.ts';

export function identityMetadata(identity: ClusterIdentity): Metadata {
  const metadata = new Metadata();
  metadata.set(identityHeader, writtenIdentity(identity));
  return metadata;
}

/** What the caller said instead, when it was not this cluster. */
export function foreignIdentity(metadata: Metadata, own: ClusterIdentity): string | undefined {
  const said = metadata.get(identityHeader)[0]?.toString() ?? 'no cluster';
  return said === writtenIdentity(own) ? undefined : said;
}
