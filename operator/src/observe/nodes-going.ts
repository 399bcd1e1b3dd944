import { labels } from '@vectorcluster/crds/labels.ts';
import type { Node, Pod } from '@vectorcluster/kube/types/core.ts';
import { reachOf, type NodeSights } from '../plan/node-sights.ts';
import type { Going } from '../plan/observed-copies.ts';

interface Surroundings {
  readonly pods: readonly Pod[];
  readonly kubernetesNodes: readonly Node[];
  readonly sights: NodeSights;
}

/** Nodes that still report and may not for long: there is time to hand over what they lead. */
export function nodesGoing({ pods, kubernetesNodes, sights }: Surroundings): ReadonlyMap<string, Going> {
  const cordoned = new Set(kubernetesNodes.filter(({ spec }) => spec?.unschedulable === true).map(({ metadata }) => metadata.name));
  return new Map(
    pods.flatMap((pod): [string, Going][] => {
      const name = pod.metadata.labels?.[labels.node] ?? pod.metadata.name;
      const sight = sights.get(name);
      const going = goingOf(pod, name, cordoned);
      if (going === undefined || sight === undefined || sight.podUid !== pod.metadata.uid) return [];
      return reachOf(sight).kind === 'yes' ? [[name, going]] : [];
    }),
  );
}

function goingOf({ metadata, spec, status }: Pod, name: string, cordoned: ReadonlySet<string>): Going | undefined {
  if (metadata.deletionTimestamp !== undefined) return { isSure: true, because: `the Pod of ${name}, which leads it, is being deleted` };
  const disruption = status?.conditions?.find((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True');
  if (disruption !== undefined) {
    return { isSure: true, because: `the Pod of ${name}, which leads it, is about to go (${disruption.reason ?? 'DisruptionTarget'})` };
  }
  const machine = spec?.nodeName ?? '';
  return cordoned.has(machine) ? { isSure: false, because: `${machine}, on which ${name} leads it, is cordoned` } : undefined;
}
