/** A replica whose answers to writes are heard the moment they are given. */
import type { ServedShard } from '@vectorcluster/storage-node/peer/served-shard.ts';
import type { LocalReplica } from '@vectorcluster/storage-node/shard/local-replica.ts';
import type { WriteLevel, WriteResult } from '@vectorcluster/storage-node/shard/shard.ts';

export interface AnsweredWrite {
  readonly shard: string;
  readonly replicaId: string;
  readonly requestId: string;
  readonly level: WriteLevel;
  readonly position: WriteResult;
}

export function answering(replica: LocalReplica, onAnswered: (write: AnsweredWrite) => void): ServedShard {
  return {
    write: async (operation, requestId, level) => {
      const position = await replica.write(operation, requestId, level);
      onAnswered({ shard: replica.shard, replicaId: replica.replicaId, requestId, level, position });
      return position;
    },
    search: (request, level, signal) => replica.search(request, level, signal),
    retrieve: (request, level, signal) => replica.retrieve(request, level, signal),
    scroll: (request, level, signal) => replica.scroll(request, level, signal),
    count: (request, level, signal) => replica.count(request, level, signal),
    stats: () => replica.stats(),
  };
}
