/** Which machine runs what. */
import type { Shop } from './shop.ts';
import type { ClusterView } from './watch/cluster-watch.ts';

/** The Kubernetes node under a storage node. */
export function machineOf({ pods }: ClusterView, node: string): string {
  const machine = pods.find(({ metadata }) => metadata.name === node)?.spec?.nodeName;
  if (machine === undefined) throw new Error(`${node} runs on no machine`);
  return machine;
}

export function nodesOn({ pods }: ClusterView, machines: readonly string[]): readonly string[] {
  return pods.filter(({ spec }) => machines.includes(spec?.nodeName ?? '')).map(({ metadata }) => metadata.name);
}

/** The Pod of the operator that decides. */
export async function leaderPod({ kubectl }: Shop): Promise<string> {
  const holder = await kubectl('get', 'leases', '--output=jsonpath={.items[0].spec.holderIdentity}');
  const pods = (await kubectl('get', 'pods', '--output=jsonpath={.items[*].metadata.name}')).split(' ');
  const leader = pods.find((pod) => holder.startsWith(`${pod}-`));
  if (leader === undefined) throw new Error(`no Pod is the holder ${holder}`);
  return leader;
}

export async function machineOfLeader(shop: Shop): Promise<string> {
  return await shop.kubectl('get', 'pod', await leaderPod(shop), '--output=jsonpath={.spec.nodeName}');
}
