/** The links of one process to all others: what peer/link does over gRPC. The node with the smaller name dials. */
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import { dials } from '@vectorcluster/storage-node/peer/link/handshake.ts';
import { redialBackoff } from '@vectorcluster/storage-node/peer/link/link-limits.ts';
import type { LinkMessage } from '@vectorcluster/storage-node/peer/link/link-message.ts';
import type { LinkHandlers } from '@vectorcluster/storage-node/peer/link/links.ts';
import type { NodeLinks } from '@vectorcluster/storage-node/replica/node-traffic.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import { End } from './connection.ts';
import type { Network } from './network.ts';

interface Peer {
  end: End | undefined;
  disconnectedSince: number | undefined;
  lastHeardAt: number | undefined;
  failures: number;
}

export interface HasLinks {
  readonly links: SimulatedLinks;
}

export interface SimulatedLinksOptions {
  readonly node: string;
  readonly process: Process;
  readonly network: Network<HasLinks>;
  readonly chance: Chance;
  readonly handlers: LinkHandlers;
}

export class SimulatedLinks implements NodeLinks {
  readonly #options: SimulatedLinksOptions;
  readonly #peers = new Map<string, Peer>();

  constructor(options: SimulatedLinksOptions) {
    this.#options = options;
    options.process.onEnd(() => {
      // The kernel tells the others, unless the power is gone as well.
      const isDark = options.network.machine(options.node).kind === 'dark';
      for (const { end } of this.#peers.values()) if (!isDark) end?.close();
    });
  }

  setPeers(nodes: Iterable<string>): void {
    for (const node of nodes) {
      if (node === this.#options.node || this.#peers.has(node)) continue;
      this.#peers.set(node, { end: undefined, disconnectedSince: this.#options.process.now(), lastHeardAt: undefined, failures: 0 });
      if (dials(this.#options.node, node)) this.#dialLater(node, 0);
    }
  }

  async send(node: string, message: LinkMessage): Promise<boolean> {
    return this.#peers.get(node)?.end?.send(message) ?? false;
  }

  isConnected(node: string): boolean {
    return this.#peers.get(node)?.end !== undefined;
  }

  lastHeardAt(node: string): number | undefined {
    const peer = this.#peers.get(node);
    return peer?.end?.lastHeardAt ?? peer?.lastHeardAt;
  }

  lastEchoedAt(node: string): number | undefined {
    return this.#peers.get(node)?.end?.lastEchoedAt;
  }

  disconnectedSince(node: string): number | undefined {
    return this.#peers.get(node)?.disconnectedSince;
  }

  /** A connection is lost with all that is on it; whoever has the ends learns of it now. */
  reset(node: string): void {
    this.#peers.get(node)?.end?.reset();
  }

  /** By one that dialled. Undefined: not known here yet. */
  accept(from: string): End | undefined {
    return this.#open(from);
  }

  #dialLater(node: string, ms: number): void {
    this.#options.process.after(ms, () => this.#dial(node));
  }

  /** To the other and back; where the way is cut, or nobody is there, it is tried again. */
  #dial(node: string): void {
    const { network, process, node: own, chance } = this.#options;
    const peer = this.#peers.get(node);
    if (peer === undefined || peer.end !== undefined) return;
    const there = network.path(own, node);
    const back = network.path(node, own);
    const again = (): void => {
      peer.failures += 1;
      this.#dialLater(node, backoffDelayMs(redialBackoff, peer.failures, chance.next));
    };
    network.timeline.after(there.draw(), `dial ${own} ${node}`, () => {
      const machine = network.machine(node);
      if (!process.isAlive) return;
      if (there.isCut || back.isCut || machine.kind !== 'running' || machine.door.process.isStopped) return again();
      machine.door.process.happens(0, `accept ${own}`, () => {
        const far = machine.door.served.links.accept(own);
        if (far === undefined) return void process.happens(back.draw(), 'not accepted', again);
        process.happens(back.draw(), `connected ${node}`, () => {
          if (back.isCut || !far.isOpen) {
            far.reset();
            return again();
          }
          peer.failures = 0;
          const near = this.#open(node);
          if (near === undefined) return again();
          near.begin(far);
          far.begin(near);
          this.#options.handlers.connected(node);
          far.process.happens(0, `connected ${own}`, () => {
            if (far.isOpen) machine.door.served.links.connected(own);
          });
        });
      });
    });
  }

  connected(node: string): void {
    this.#options.handlers.connected(node);
  }

  #open(node: string): End | undefined {
    const peer = this.#peers.get(node);
    if (peer === undefined) return undefined;
    peer.end?.reset();
    const { process, network, node: own, handlers } = this.#options;
    const end = new End(process, network.path(own, node), () => network.timeline.now, {
      received: (message) => {
        peer.lastHeardAt = process.now();
        void handlers.received(node, message);
      },
      ended: (ended, silent) => {
        if (peer.end !== ended) return;
        peer.end = undefined;
        peer.lastHeardAt = ended.lastHeardAt;
        peer.disconnectedSince = silent ? ended.lastHeardAt : process.now();
        handlers.disconnected(node);
        if (dials(own, node)) this.#dialLater(node, redialBackoff.baseDelayMs);
      },
    });
    peer.end = end;
    peer.disconnectedSince = undefined;
    return end;
  }
}
