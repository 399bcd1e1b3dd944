/** What can be done to a cluster on this machine: rules between addresses need nft, a full disk needs a mount, both need root. */
import type { LocalClusterUnderTest } from '../../local-cluster-under-test.ts';
import type { FaultKind } from '../fault.ts';
import { LimitedVolume } from './limited-volume.ts';
import { NetworkRules } from './network-rules.ts';

const byNetwork: readonly FaultKind[] = ['api-down', 'cut', 'isolate', 'slow-link', 'lossy-link'];

export interface Machine extends AsyncDisposable {
  readonly network: NetworkRules | undefined;
  readonly limited: LimitedVolume | undefined;
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly operatorHost: string;
  readonly without: readonly FaultKind[];
  readonly leftOut: readonly string[];
}

export async function prepareMachine(cluster: LocalClusterUnderTest): Promise<Machine> {
  await using owned = new AsyncDisposableStack();
  const network = await NetworkRules.open();
  const node = [...(await cluster.storageNodes()).keys()].toSorted().at(-1) ?? '';
  const limited = await LimitedVolume.mount(cluster, node);
  // A mounted volume goes only when nothing uses it any more.
  if ('fill' in limited) {
    owned.use(limited);
    await cluster.untilNodeReady(node);
    owned.defer(() => cluster.stop());
  }
  if ('enforce' in network) owned.use(network);
  const moved = owned.move();
  return {
    network: 'enforce' in network ? network : undefined,
    limited: 'fill' in limited ? limited : undefined,
    apiServer: await cluster.apiServer(),
    operatorHost: await cluster.operatorHost(),
    without: [...('enforce' in network ? [] : byNetwork), ...('fill' in limited ? [] : (['full-disk'] as const))],
    leftOut: [
      ...('enforce' in network ? [] : [`${byNetwork.join(', ')}, because nft cannot be used: ${network.because}`]),
      ...('fill' in limited ? [] : [`full-disk, because no volume can be mounted: ${limited.because}`]),
    ],
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
