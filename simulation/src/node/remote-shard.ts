/** A shard on another node, as peer/ serves it: the real replica there, behind the network. Pods' addresses are their names here. */
import { ShardUnavailableError } from '@vectorcluster/storage-node/errors.ts';
import type { ServedShard } from '@vectorcluster/storage-node/peer/served-shard.ts';
import { UnknownShardError } from '@vectorcluster/storage-node/peer/encoding/refusal.ts';
import type { Network } from '../network/network.ts';
import { remoteCall } from '../network/remote-call.ts';
import type { Process } from '../time/process.ts';
import type { Served } from './node-process.ts';

export interface RemoteShardOptions {
  readonly network: Network<Served>;
  readonly node: string;
  readonly process: Process;
  readonly uid: string;
  readonly address: string;
  readonly signal: AbortSignal;
}

export function remoteShard({ network, node, process, uid, address, signal }: RemoteShardOptions): ServedShard {
  const ask = <Result>(name: string, act: (shard: ServedShard, signal: AbortSignal) => Promise<Result>, own = signal): Promise<Result> =>
    remoteCall({
      network,
      process,
      from: node,
      to: address,
      name,
      signal: own,
      handle: async (served, ended) => {
        try {
          return await act(served.shard(uid), ended);
        } catch (error) {
          // The other side would read it from the wire as one that may be tried elsewhere.
          throw error instanceof UnknownShardError ? new ShardUnavailableError(error.message) : error;
        }
      },
    });
  return {
    write: (operation, requestId, level) => ask('write', (shard) => shard.write(operation, requestId, level)),
    search: (request, level, own) => ask('search', (shard, ended) => shard.search(request, level, ended), own),
    retrieve: (request, level, own) => ask('retrieve', (shard, ended) => shard.retrieve(request, level, ended), own),
    scroll: (request, level, own) => ask('scroll', (shard, ended) => shard.scroll(request, level, ended), own),
    count: (request, level, own) => ask('count', (shard, ended) => shard.count(request, level, ended), own),
    stats: (own) => ask('stats', (shard) => shard.stats(), own),
  };
}
