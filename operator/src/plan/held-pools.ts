/**
 * Pools whose podTemplate is refused. No Pod is made from it, so none may be taken down for it: they are wanted as they run. A pool that a
 * cluster asks to change so is left as it is.
 */
import type { Finding } from './conditions.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import type { ObservedNode, ObservedNodes, ObservedObject, ObservedPool } from './observed-nodes.ts';
import { poolObjectName } from './names.ts';
import { unsafePodTemplate } from './unsafe-pod-template.ts';

/** As planReplacement is to see it. */
export function withHeldPools(observed: ObservedNodes): ObservedNodes {
  const { pools, allowsUnsafePodTemplates } = observed;
  const isHeld = (pool: ObservedPool) => unsafePodTemplate(pool, allowsUnsafePodTemplates).length > 0;
  return { ...observed, pools: pools.map((pool) => (isHeld(pool) ? { ...pool, nodes: pool.nodes.map(wantedAsItRuns) } : pool)) };
}

function wantedAsItRuns(node: ObservedNode): ObservedNode {
  return node.pod === undefined ? node : { ...node, pod: { ...node.pod, ended: undefined, wanted: node.pod.running } };
}

/** The objects that may be applied, and why the others may not. */
export function heldObjects({ name, spec, objects, nodes }: ObservedCluster): {
  readonly free: readonly ObservedObject[];
  readonly refused: readonly Finding[];
} {
  const findings = new Map(
    spec.pools.map((pool) => [poolObjectName(name, pool.name), unsafePodTemplate(pool, nodes.allowsUnsafePodTemplates)]),
  );
  const isFree = (object: ObservedObject) => object.kind !== 'VectorPool' || (findings.get(object.name) ?? []).length === 0;
  return { free: objects.filter(isFree), refused: [...findings.values()].flat() };
}
