/** A replica whose answers to writes are heard the moment they are given. */
import type { ServedShard } from '@vectorcluster/storage-node/peer/served-shard.ts';
import type { LocalReplica } from '@vectorcluster/storage-node/shard/local-replica.ts';
import type { WriteLevel, WriteResult } from '@vectorcluster/storage-node/shard/shard.ts';
import type { Mutation } from '../mutation.ts';

export interface AnsweredWrite {
  readonly shard: string;
  readonly replicaId: string;
  readonly requestId: string;
  readonly level: WriteLevel;
  readonly position: WriteResult;
}

let tries = 0;

export function answering(replica: LocalReplica, mutation: Mutation, onAnswered: (write: AnsweredWrite) => void): ServedShard {
  const { readLevel = (level) => level, writeLevel = (level) => level, forgetsRequests = false } = mutation;
  return {
    write: async (operation, requestId, level) => {
      tries += 1;
      const position = await replica.write(operation, forgetsRequests ? `${requestId}~${tries}` : requestId, writeLevel(level));
      onAnswered({ shard: replica.shard, replicaId: replica.replicaId, requestId, level, position });
      return position;
    },
    search: (request, level, signal) => replica.search(request, readLevel(level), signal),
    retrieve: (request, level, signal) => replica.retrieve(request, readLevel(level), signal),
    scroll: (request, level, signal) => replica.scroll(request, readLevel(level), signal),
    count: (request, level, signal) => replica.count(request, readLevel(level), signal),
    stats: () => replica.stats(),
  };
}
