/** What a pool's spec asks for and this version does not do. Nothing is changed on account of it, and serving goes on. */
import type { Finding } from './conditions.ts';
import type { ObservedPool } from './observed-nodes.ts';

export function poolRefusals(pool: ObservedPool): readonly Finding[] {
  return [...roleRefusal(pool), ...storageRefusal(pool)];
}

/** Whether nodes may be added at all. */
export function servesRole({ role }: ObservedPool): boolean {
  return role !== 'Index';
}

function roleRefusal(pool: ObservedPool): readonly Finding[] {
  if (servesRole(pool) || pool.replicas === 0) return [];
  return [
    {
      reason: 'RoleNotSupported',
      message: `spec.pools[${pool.name}].role ${pool.role} is not served by this version, so the pool gets no nodes; set its replicas to 0, or use role Data or Read`,
    },
  ];
}

function storageRefusal(pool: ObservedPool): readonly Finding[] {
  if (pool.hasStorage || !servesRole(pool)) return [];
  return [
    {
      reason: 'StorageMissing',
      message: `spec.pools[${pool.name}].storage is missing, so the pool gets no nodes: nodes that hold shards need a volume; give storage.size`,
    },
  ];
}
