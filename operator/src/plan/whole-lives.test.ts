/** Whole lives by chance: whatever fails in whatever order, no rule is broken, and once failures stop everything is whole again. */
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Acknowledged } from '../../test/story/acknowledged.ts';
import { ClusterLife } from '../../test/story/cluster-life.ts';
import { isLive } from '../../test/story/storage-nodes.ts';

const nodes = [0, 1, 2, 3, 4, 5].map((ordinal) => `shop-data-${ordinal}`);
const node = fc.constantFrom(...nodes);
const zone = fc.constantFrom('a', 'b', 'c');

type Happening =
  | { readonly kind: 'evict' | 'restart' | 'silence' | 'lose-volume' | 'damage' | 'keep-from-draining'; readonly node: string }
  | { readonly kind: 'zone-fails' | 'zone-returns'; readonly zone: string }
  | { readonly kind: 'copies'; readonly replicationFactor: number; readonly minInSync: number }
  | { readonly kind: 'hand-over'; readonly shard: number; readonly node: string }
  | { readonly kind: 'roll-out'; readonly version: string }
  | { readonly kind: 'passes'; readonly seconds: number }
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'zones'; readonly values: readonly string[] | undefined }
  | { readonly kind: 'hold-reports' | 'heal' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constantFrom('evict', 'restart', 'silence', 'lose-volume', 'damage', 'keep-from-draining'), node }),
  fc.record({ kind: fc.constantFrom('zone-fails', 'zone-returns'), zone }),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).map(([replicationFactor, minInSync]) => ({
    kind: 'copies' as const,
    replicationFactor,
    minInSync: Math.min(minInSync, replicationFactor),
  })),
  fc.record({ kind: fc.constant('hand-over'), shard: fc.nat(1), node }),
  fc.record({ kind: fc.constant('roll-out'), version: fc.constantFrom('0.2.0', '0.3.0') }),
  fc.record({ kind: fc.constant('passes'), seconds: fc.constantFrom(5, 31, 61) }),
  fc.record({ kind: fc.constantFrom('hold-reports', 'heal', 'heal') }),
  fc.record({ kind: fc.constant('scale'), replicas: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant('zones'), values: fc.option(fc.uniqueArray(zone, { minLength: 1 }), { nil: undefined }) }),
);

const pools = (replicas: number) => [{ name: 'data', replicas, storage: { size: '10Gi' } }];
const nodesInTheEnd = 4;

function begin(replicationFactor: number, minInSync: number): ClusterLife {
  const life = new ClusterLife();
  for (const each of ['a', 'b', 'c']) life.kubernetesNode(`kube-${each}`, each);
  life.cluster({ pools: pools(nodesInTheEnd) });
  const vectors = [{ name: '', size: 4, distance: 'Dot' as const }];
  life.collection('shop-products', { clusterName: 'shop', collection: 'products', shards: 2, replicationFactor, minInSync, vectors });
  return life;
}

function happen(life: ClusterLife, event: Happening): void {
  switch (event.kind) {
    case 'evict':
      return life.evict(event.node);
    case 'restart':
      return life.restartProcess(event.node);
    case 'silence':
      return life.silence(event.node);
    case 'lose-volume':
      return isSpared(life, event.node) ? life.loseVolume(event.node) : undefined;
    case 'damage':
      return isSpared(life, event.node) ? life.formatAnew(event.node) : undefined;
    case 'keep-from-draining':
      return life.keepFromDraining(event.node);
    case 'zone-fails':
      return life.zoneFails(event.zone);
    case 'zone-returns':
      return life.zoneReturns(event.zone);
    case 'copies':
      return life.editCollection('shop-products', { replicationFactor: event.replicationFactor, minInSync: event.minInSync });
    case 'hand-over':
      return askIfLawful(life, event.shard, event.node);
    case 'roll-out':
      return life.editCluster({ version: event.version });
    case 'scale':
      return life.editCluster({ pools: pools(event.replicas) });
    case 'zones':
      return life.editCluster({ zones: event.values === undefined ? {} : { values: [...event.values] } });
    case 'passes':
      return life.passes(event.seconds);
    case 'hold-reports':
      return life.holdReports();
    case 'heal':
      return life.heal();
  }
}

/** Each shard has another copy in sync whose data are where they were: what nobody holds nobody can bring back. */
function isSpared({ store }: ClusterLife, name: string): boolean {
  return store.list<VectorShard>('VectorShard').every((shard) => {
    const { members = [], inSync = [] } = shard.status ?? {};
    return members.some((member) => member.node !== name && inSync.includes(member.replicaId) && isLive(store, member, shard));
  });
}

/** The API server refuses a hand-over to the primary itself or to a copy that is not in sync. */
function askIfLawful(life: ClusterLife, index: number, name: string): void {
  const status = life.store.list<VectorShard>('VectorShard')[index]?.status;
  const target = status?.members?.find((member) => member.node === name)?.replicaId;
  if (target === undefined || target === status?.primary || status?.inSync?.includes(target) !== true) return;
  life.askHandOver(index, name);
}

const maxTurns = 200;

/** Turns and time until nothing is left to do for a good while. */
function untilRest(life: ClusterLife, look: () => void): void {
  const first = life.turns;
  for (let quietTurns = 0; quietTurns < 3;) {
    if (life.turns - first > maxTurns) throw new Error('it does not come to rest');
    const { isBusy } = life.turn();
    look();
    quietTurns = isBusy ? 0 : quietTurns + 1;
    if (!isBusy) life.passes(61);
  }
}

test('whatever happens, no rule is broken, and in the end every shard is whole', { timeout: 600_000 }, () => {
  const events = fc.array(fc.record({ event: happening, turns: fc.integer({ min: 0, max: 4 }) }), { maxLength: 25 });
  let acknowledgedInAll = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), events, (replicationFactor, lived) => {
      const life = begin(replicationFactor, Math.min(2, replicationFactor));
      const acknowledged = new Acknowledged();
      const look = () => acknowledged.look(life.store, (name) => life.isSilent(name));
      untilRest(life, look);
      for (const { event, turns } of lived) {
        happen(life, event);
        for (let turn = 0; turn < turns; turn++) {
          life.turn();
          look();
        }
      }
      life.heal();
      life.editCluster({ pools: pools(nodesInTheEnd), zones: {} });
      untilRest(life, look);
      const before = acknowledged.total();
      untilRest(life, look);
      acknowledgedInAll += acknowledged.total();

      expect(acknowledged.total()).toBeGreaterThan(before);
      expect(life.store.list<Pod>('Pod')).toHaveLength(nodesInTheEnd);
      expect(life.store.list<PersistentVolumeClaim>('PersistentVolumeClaim')).toHaveLength(nodesInTheEnd);
      const [collection] = life.store.list<VectorCollection>('VectorCollection');
      const wanted = collection?.spec.replicationFactor;
      for (const { metadata, spec, status } of life.store.list<VectorShard>('VectorShard')) {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        expect(`${metadata.name}: ${ready?.message}`).toContain(`${wanted} of ${wanted} copies in sync`);
        expect(status?.inSync).toHaveLength(wanted ?? 0);
        expect(status?.members?.map((member) => member.node).toSorted()).toEqual(spec.assignments.map((each) => each.node).toSorted());
        expect(status?.minInSync).toBe(collection?.spec.minInSync);
        expect(status?.handOff).toBeUndefined();
      }
    }),
    { numRuns: Number(process.env['LIVES'] ?? 20) },
  );
  expect(acknowledgedInAll).toBeGreaterThan(0);
});
