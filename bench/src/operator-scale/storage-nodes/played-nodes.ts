/** A node for each Pod that runs, at the Pod's address. */
import { labels } from '@vectorcluster/crds/labels.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { PlayedNode, type PlayedNodeOptions } from './played-node.ts';

export interface PlayedNodesOptions {
  readonly onStarted: (node: PlayedNode) => void;
  readonly onFailure: (error: unknown) => void;
}

export class PlayedNodes implements AsyncDisposable {
  readonly #options: PlayedNodesOptions;
  /** By UID of the Pod. */
  readonly #addresses = new Map<string, string>();
  readonly #starting = new Map<string, Promise<PlayedNode>>();
  readonly #nodes = new Map<string, PlayedNode>();
  /** By cluster. */
  readonly #siblings = new Map<string, Set<PlayedNode>>();

  constructor(options: PlayedNodesOptions) {
    this.#options = options;
  }

  seen({ metadata, status }: Pod): void {
    const { name, namespace = '', uid = '' } = metadata;
    const address = status?.podIP ?? '';
    if (address === '' || metadata.deletionTimestamp !== undefined || this.#addresses.get(uid) === address) return;
    this.#addresses.set(uid, address);
    const starting = this.#starting.get(uid);
    if (starting !== undefined) {
      // A Pod keeps its address, but who plays kubelets gives it another when the API server was slow to take the first.
      starting.then((node) => node.listen(address)).catch(this.#options.onFailure);
      return;
    }
    const cluster = metadata.labels?.[labels.cluster] ?? '';
    const siblings = this.#siblingsOf(namespace, cluster);
    const others = () => Array.from(siblings, ({ node }) => node).filter((node) => node !== name);
    const zone = metadata.labels?.[labels.zone] ?? '';
    const started = this.#start({ identity: { namespace, cluster }, node: name, podUid: uid, zone, others }, address);
    this.#starting.set(uid, started);
    started.catch(this.#options.onFailure);
  }

  gone({ metadata }: Pod): void {
    const node = this.#nodes.get(metadata.uid ?? '');
    if (node === undefined) return;
    for (const known of [this.#nodes, this.#starting, this.#addresses]) known.delete(metadata.uid ?? '');
    const { namespace, cluster } = node.options.identity;
    const siblings = this.#siblingsOf(namespace, cluster);
    siblings.delete(node);
    for (const sibling of siblings) sibling.peersChanged();
    node[Symbol.asyncDispose]().catch(this.#options.onFailure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#nodes.values(), (node) => node[Symbol.asyncDispose]()));
  }

  async #start(options: PlayedNodeOptions, address: string): Promise<PlayedNode> {
    const started = new PlayedNode(options);
    await started.listen(address);
    const siblings = this.#siblingsOf(options.identity.namespace, options.identity.cluster);
    this.#nodes.set(options.podUid, started);
    siblings.add(started);
    for (const sibling of siblings) sibling.peersChanged();
    this.#options.onStarted(started);
    return started;
  }

  #siblingsOf(namespace: string, cluster: string): Set<PlayedNode> {
    const key = objectKey(namespace, cluster);
    const siblings = this.#siblings.get(key) ?? new Set();
    this.#siblings.set(key, siblings);
    return siblings;
  }
}
