/** Names of the objects that a cluster has one of. */
export const clientServiceName = (cluster: string): string => cluster;
export const headlessServiceName = (cluster: string): string => `${cluster}-peers`;
export { nodeAccountName as serviceAccountName } from '@vectorcluster/crds/names.ts';

/** Host name that clients in the same Kubernetes reach the cluster by. */
export const endpointOf = (cluster: string, namespace: string): string => `${clientServiceName(cluster)}.${namespace}.svc`;
