/** What each image is told to its runtime. The Dockerfile says the same in its own words; a test compares them. */
export const imageNames = ['operator', 'storage-node'] as const;
export type ImageName = (typeof imageNames)[number];

export interface ImageConfig {
  /** As a Pod names it, without a tag. */
  readonly repository: string;
  readonly user: string;
  readonly workingDirectory: string;
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export const unprivilegedUser = 65_532;

const descriptions: Readonly<Record<ImageName, string>> = {
  operator: 'Runs VectorClusters: places, upgrades and repairs storage nodes and shards',
  'storage-node': 'A storage node of VectorCluster: shards of a vector database with the wire API of Qdrant',
};

/**
 * Left to itself V8 gives new objects twice 1 MiB in a container of 512 MiB, and an operator of many clusters spends a third of its CPU on
 * making room there. The C library raises by itself what it keeps of memory that was let go of; said once, its own default of 128 KiB
 * stays: 245 → 220 MiB resident with 600 clusters.
 */
const extraEnv: Readonly<Record<ImageName, Readonly<Record<string, string>>>> = {
  operator: { NODE_OPTIONS: '--max-semi-space-size=4', MALLOC_TRIM_THRESHOLD_: '131072' },
  'storage-node': {},
};

export function imageConfig(name: ImageName): ImageConfig {
  return {
    repository: `vectorcluster/${name}`,
    user: `${unprivilegedUser}:${unprivilegedUser}`,
    workingDirectory: '/app',
    entrypoint: ['/usr/local/bin/node', `/app/${name}/main.js`],
    env: { PATH: '/usr/local/bin', NODE_ENV: 'production', ...extraEnv[name] },
    labels: {
      'org.opencontainers.image.title': `vectorcluster/${name}`,
      'org.opencontainers.image.description': descriptions[name],
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.vendor': 'VectorCluster',
    },
  };
}
