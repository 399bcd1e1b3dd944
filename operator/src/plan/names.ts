/** Names of what belongs to a pool. A node is named as its Pod is. */
export const poolObjectName = (cluster: string, pool: string): string => `${cluster}-${pool}`;
export const nodeName = (poolObject: string, ordinal: number): string => `${poolObject}-${ordinal}`;
export const volumeNameOf = (node: string): string => `data-${node}`;

/** The ordinal in a node's name; undefined for a name that is none of the pool's. */
export function ordinalOf(poolObject: string, node: string): number | undefined {
  if (!node.startsWith(`${poolObject}-`)) return undefined;
  const digits = node.slice(poolObject.length + 1);
  return /^(0|[1-9]\d{0,3})$/.test(digits) ? Number(digits) : undefined;
}
