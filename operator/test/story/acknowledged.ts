/** What was acknowledged, and which copy holds it: writes are counted, not made. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { isLive } from './storage-nodes.ts';
import type { Store } from './store.ts';

interface Ledger {
  acknowledged: number;
  epoch: number;
  inSync: readonly string[];
  /** By replicaId. */
  readonly holds: Map<string, number>;
}

export class Acknowledged {
  readonly #ledgers = new Map<string, Ledger>();

  /** After every turn. Throws when an epoch begins under a primary that lacks what was acknowledged. */
  look(store: Store, silent: (node: string) => boolean): void {
    for (const shard of store.list<VectorShard>('VectorShard')) {
      const { epoch = 0, inSync = [], primary = '' } = shard.status ?? {};
      const ledger: Ledger = this.#ledgers.get(shard.metadata.name) ?? { acknowledged: 0, epoch: 0, inSync: [], holds: new Map() };
      this.#ledgers.set(shard.metadata.name, ledger);
      if (epoch > ledger.epoch && (ledger.holds.get(primary) ?? 0) < ledger.acknowledged) {
        throw new Error(`I5: ${primary} leads epoch ${epoch} of ${shard.metadata.name} and lacks acknowledged writes`);
      }
      for (const id of inSync) if (!ledger.inSync.includes(id)) ledger.holds.set(id, ledger.acknowledged);
      ledger.epoch = epoch;
      ledger.inSync = inSync;
      if (mayAcknowledge(store, shard, silent)) {
        ledger.acknowledged += 1;
        for (const id of inSync) ledger.holds.set(id, ledger.acknowledged);
      }
    }
  }

  total(): number {
    return [...this.#ledgers.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }
}

/** The primary leads, is heard, and everyone in sync answers it. */
function mayAcknowledge(store: Store, shard: VectorShard, silent: (node: string) => boolean): boolean {
  const { epoch = 0, inSync = [], primary, minInSync = 1, members = [], handOff } = shard.status ?? {};
  const leader = members.find(({ replicaId }) => replicaId === primary);
  if (leader === undefined || leader.eligibleFromEpoch > epoch || handOff !== undefined || inSync.length < minInSync) return false;
  const voices = members.filter(({ replicaId }) => inSync.includes(replicaId));
  return voices.every((member) => isLive(store, member, shard) && !silent(member.node));
}
