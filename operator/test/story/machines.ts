/** Machines of a story: each zone has one, `kube-` and the zone. */
import type { Node, Pod } from '@vectorcluster/kube/types/core.ts';
import type { Store } from './store.ts';

export function putMachine(store: Store, name: string, zone: string): void {
  const metadata = { name, labels: { 'topology.kubernetes.io/zone': zone } };
  store.put<Node>({ apiVersion: 'v1', kind: 'Node', metadata, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
}

/** As Kubernetes tells it: of the machine first-hand, of the Pods on it by what it knows of the machine. Returns the names of these. */
export function setMachineReady(store: Store, zone: string, isReady: boolean): readonly string[] {
  const name = `kube-${zone}`;
  const machine = store.find<Node>('Node', name);
  if (machine !== undefined) {
    store.put<Node>({ ...machine, status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'Unknown' }] } });
  }
  const pods = store.list<Pod>('Pod').filter(({ spec }) => spec?.nodeName === name);
  for (const pod of pods) {
    store.put<Pod>({ ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] } });
  }
  return pods.map(({ metadata }) => metadata.name);
}

export function setUnschedulable(store: Store, zone: string, unschedulable: boolean): void {
  const machine = store.find<Node>('Node', `kube-${zone}`);
  if (machine !== undefined) store.put({ ...machine, spec: { ...machine.spec, unschedulable } });
}
