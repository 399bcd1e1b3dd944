/** What schedulers, provisioners and kubelets do for the cluster's nodes: Pods and volumes as objects, and whether Pods are Ready. */
import { labels } from '@vectorcluster/crds/labels.ts';
import { poolLabels } from '@vectorcluster/operator/resources/object-labels.ts';
import { volumeNameOf } from '@vectorcluster/operator/plan/names.ts';
import { at, textOf } from '@vectorcluster/local-cluster/api-server/core/json.ts';
import { cluster } from '../node/node-process.ts';
import type { Machine } from '../node/machine.ts';
import { namespace, objectFrom, type ApiServer } from './api-server.ts';

const lookMs = 1_000;

export class Kubelets {
  readonly #api: ApiServer;
  readonly #ready = new Map<string, boolean>();

  constructor(api: ApiServer) {
    this.#api = api;
  }

  addNode(machine: Machine): void {
    this.#addVolume(machine);
    this.#addPod(machine);
    const look = (): void => {
      this.#look(machine);
      this.#api.timeline.after(lookMs, `kubelet ${machine.node}`, look);
    };
    look();
  }

  /** The Pod and the volume are gone, and others take their names. */
  replace(machine: Machine): void {
    this.#delete('persistentvolumeclaims', volumeNameOf(machine.node));
    this.#addVolume(machine);
    this.replacePod(machine);
  }

  replacePod(machine: Machine): void {
    this.#delete('pods', machine.node);
    this.#ready.delete(machine.node);
    this.#addPod(machine);
  }

  #delete(plural: string, name: string): void {
    const resource = this.#api.core.resource('v1', plural);
    this.#api.core.delete({ resource, namespace, name }, { gracePeriodSeconds: 0 });
    if (this.#api.core.peek(resource, namespace, name) !== undefined) throw new Error(`${name} is still there`);
  }

  #labelsOf({ node, zone }: Machine) {
    return { ...poolLabels(cluster, 'data'), [labels.node]: node, [labels.zone]: zone, [labels.role]: 'Data' };
  }

  #addVolume(machine: Machine): void {
    this.#api.create('v1', 'persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: volumeNameOf(machine.node), namespace, labels: this.#labelsOf(machine) },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
  }

  #addPod(machine: Machine): void {
    const created = this.#api.create('v1', 'pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: machine.node, namespace, labels: this.#labelsOf(machine) },
      spec: { containers: [{ name: 'storage-node', image: 'vectorcluster/storage-node:0.1.0' }] },
    });
    machine.podUid = textOf(at(created, 'metadata', 'uid')) ?? '';
    this.#setStatus(machine, false);
  }

  #look(machine: Machine): void {
    if (!this.#api.isUp) return;
    const { running, process } = machine;
    const isReady = running !== undefined && process?.isStopped === false && running.membership.notReady?.length === 0;
    if (this.#ready.get(machine.node) !== isReady) this.#setStatus(machine, isReady);
  }

  #setStatus(machine: Machine, isReady: boolean): void {
    this.#ready.set(machine.node, isReady);
    const resource = this.#api.core.resource('v1', 'pods');
    const lastTransitionTime = this.#api.core.now().toISOString();
    const status = objectFrom({
      phase: 'Running',
      podIP: machine.node,
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }],
    });
    this.#api.core.patch({ resource, namespace, name: machine.node }, 'merge', { status }, {}, 'status');
  }
}
