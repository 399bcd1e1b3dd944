/** Who may import whom. A rule names files by their path from the root; what it does not allow is forbidden. */
export interface ImportRule {
  /** Files the rule is for: a path prefix. */
  readonly from: string;
  /** Packages (by prefix) that may be imported; `./` is the folder named by `from`. Node's own modules need `node:`. */
  readonly allowed: readonly string[];
  readonly because: string;
}

/** First match by longest `from`. Test files may also import what their workspace declares. */
export const importRules: readonly ImportRule[] = [
  {
    from: 'crds/src/',
    allowed: ['./', 'zod', 'yaml', 'node:fs', 'node:crypto'],
    because: 'the public API is zod schemas and what makes YAML of them',
  },
  { from: 'proto/src/', allowed: ['./', '@bufbuild/protobuf', '@grpc/grpc-js'], because: 'contracts know protobuf and gRPC only' },
  {
    from: 'kube/src/',
    allowed: ['./', '@kubernetes/client-node', '@vectorcluster/crds/', 'yaml', 'prom-client', 'node:'],
    because: 'kube is the only importer of the Kubernetes client and knows nothing of what is built on it',
  },
  { from: 'engine/src/', allowed: ['./', 'rocksdb-native', 'node:', '@node-rs/crc32'], because: 'the engine knows nothing of ours' },
  {
    from: 'operator/src/plan/',
    allowed: ['./', '@vectorcluster/crds/', '../placement/', '../observe/'],
    because: 'a plan is a value made from values: no clock, environment, client or I/O',
  },
  {
    from: 'operator/src/resources/',
    allowed: ['./', '@vectorcluster/crds/', '@vectorcluster/kube/types/', '@vectorcluster/kube/object.ts'],
    because: 'builders of objects touch nothing',
  },
  {
    from: 'charts/src/',
    allowed: ['./', '@vectorcluster/crds/', 'zod', 'yaml', 'node:'],
    because: 'a chart is made of the public API and of values, whatever the operator is made of',
  },
  {
    from: 'storage-node/src/replication/',
    allowed: ['./', 'node:assert'],
    because: 'the protocol is step(state, event): own types and assert only',
  },
  { from: 'storage-node/src/model/', allowed: ['./'], because: 'the words of the domain depend on nothing' },
  {
    from: 'storage-node/src/filter/',
    allowed: ['./', '../model/', '../errors.ts', 'node:assert'],
    because: 'filters are evaluated over values',
  },
];

/** Packages that must not meet, whatever the folder. */
export const forbiddenImports: readonly { readonly from: string; readonly imports: string; readonly because: string }[] = [
  { from: 'operator/src/', imports: '@vectorcluster/storage-node', because: 'operator and storage node share proto, crds and kube only' },
  { from: 'operator/src/', imports: '@vectorcluster/engine', because: 'the operator holds no data' },
  { from: 'storage-node/src/', imports: '@vectorcluster/operator', because: 'operator and storage node share proto, crds and kube only' },
  {
    from: 'local-cluster/src/',
    imports: '@vectorcluster/operator',
    because: 'the local cluster runs the operator as a process, as a Pod would',
  },
  {
    from: 'local-cluster/src/',
    imports: '@vectorcluster/storage-node',
    because: 'the local cluster runs storage nodes as processes, as Pods would',
  },
  { from: '', imports: '@kubernetes/client-node', because: 'only kube/ imports the Kubernetes client' },
];
