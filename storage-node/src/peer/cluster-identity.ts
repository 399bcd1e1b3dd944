/** Written once for both sides of the peer port, the operator's too. */
export { foreignIdentity, identityMetadata, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
