/** What the plan of one turn may do to nodes. */
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { leavingNodes } from '../../src/observe/copies.ts';
import { isPodReady } from '../../src/observe/pod-state.ts';
import type { NodeStep } from '../../src/plan/step.ts';
import type { Store } from './store.ts';

/** Throws when two nodes go down at once, or a Ready one while another is not Ready, or a volume goes that is there and of which a shard speaks. */
export function assertNodesMay(store: Store, steps: readonly NodeStep[]): void {
  for (const step of steps) {
    if (step.kind === 'delete-volume' && isNamed(store, step.node) && !isLost(store, step.object))
      throw new Error(`I23: the volume of ${step.node} goes, which has copies`);
  }
  const leaving = leavingNodes(store.list<VectorPool>('VectorPool'));
  const isEmptied = (node: string) => leaving.includes(node) && !isNamed(store, node);
  const deleted = steps.filter(({ kind, object }) => kind === 'delete-pod' && !isEmptied(object)).map(({ object }) => object);
  if (deleted.length > 1) throw new Error(`two nodes are taken down at once: ${deleted.join(', ')}`);
  const pods = store.list<Pod>('Pod');
  const ready = pods.filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name);
  const [name] = deleted;
  if (name !== undefined && ready.includes(name) && ready.length < pods.length) {
    throw new Error(`${name} is taken down while another node is not Ready`);
  }
}

function isLost(store: Store, claim: string): boolean {
  return store.find<PersistentVolumeClaim>('PersistentVolumeClaim', claim)?.status?.phase === 'Lost';
}

function isNamed(store: Store, node: string): boolean {
  const shards = store.list<VectorShard>('VectorShard');
  return shards.some(({ spec, status }) => [...spec.assignments, ...(status?.members ?? [])].some((each) => each.node === node));
}
