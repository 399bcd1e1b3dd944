/** Label keys that the operator puts on everything it makes. */
export const labels = {
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  cluster: 'vectorcluster.io/cluster',
  pool: 'vectorcluster.io/pool',
  node: 'vectorcluster.io/node',
  zone: 'vectorcluster.io/zone',
  role: 'vectorcluster.io/role',
  collection: 'vectorcluster.io/collection',
} as const;
