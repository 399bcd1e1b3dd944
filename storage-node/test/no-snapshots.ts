import type { OpenReplicaOptions } from '../src/shard/open-replica.ts';

/** For worlds whose logs reach back to the beginning. */
export const noSnapshots: OpenReplicaOptions['snapshots'] = {
  fetch: async () => {
    throw new Error('nobody gives snapshots here');
  },
  replace: async () => {
    throw new Error('nothing to install');
  },
};
