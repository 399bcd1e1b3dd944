/** Carries a fault out on a local cluster, and undoes it. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalClusterUnderTest } from '../../local-cluster-under-test.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Fault, Victim } from '../fault.ts';
import type { LimitedVolume } from './limited-volume.ts';
import type { NetworkRule, NetworkRules } from './network-rules.ts';
import { signalNode, signalOperator, whileKubeletsWait } from './processes.ts';

export interface InjectorOptions {
  readonly cluster: LocalClusterUnderTest;
  readonly view: ClusterView;
  readonly network: NetworkRules | undefined;
  readonly limited: LimitedVolume | undefined;
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly operatorHost: string;
}

type DropRule = Extract<NetworkRule, { kind: 'drop' }>;

/** A fault that found nobody to happen to. */
export class NoVictimError extends Error {
  override readonly name = 'NoVictimError';
}

export class Injector {
  readonly #options: InjectorOptions;

  constructor(options: InjectorOptions) {
    this.#options = options;
  }

  /** `onInjected` hears at once which nodes were hit. Resolves when the fault is over. */
  async inject(fault: Fault, onInjected: (nodes: readonly string[]) => void, signal: AbortSignal): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return this.#kill([this.#node(fault.victim)], onInjected);
      case 'kill-two': {
        const { shard } = fault;
        return this.#kill([this.#node({ kind: 'primary', shard }), this.#node({ kind: 'follower', shard })], onInjected);
      }
      case 'pause':
        return this.#pause(this.#node(fault.victim), onInjected, () => wait(fault.forMs, signal));
      case 'two-primaries': {
        const victim: Victim = { kind: 'primary', shard: fault.shard };
        const before = this.#node(victim);
        return this.#pause(before, onInjected, () => this.#untilAnother(victim, before, fault.atMostMs, signal));
      }
      case 'kill-operator':
        for (let count = 0; count < fault.times && !signal.aborted; count++) {
          if (count > 0) await wait(fault.everyMs, signal);
          if (count === 0) onInjected([]);
          await signalOperator(this.#options.cluster, 'SIGKILL');
        }
        return;
      case 'api-down': {
        const { host, port } = this.#options.apiServer;
        return this.#withRules([{ kind: 'close', to: host, port, how: fault.how }], [], onInjected, fault.forMs, signal);
      }
      case 'cut': {
        const [from, to] = [this.#node(fault.from), this.#node(fault.to)];
        const rules = fault.oneWay ? [this.#drop(from, to)] : [this.#drop(from, to), this.#drop(to, from)];
        return this.#withRules(rules, [from, to], onInjected, fault.forMs, signal);
      }
      case 'isolate': {
        const node = this.#node(fault.victim);
        const { view, apiServer, operatorHost } = this.#options;
        const own = view.nodes().get(node) ?? '';
        const nodes = [...view.nodes().values()].filter((host) => host !== own);
        const hosts = fault.wholly ? [...nodes, apiServer.host, operatorHost] : nodes;
        const rules = hosts.flatMap((host) => [dropped(own, host), dropped(host, own)]);
        return this.#withRules(rules, [node], onInjected, fault.forMs, signal);
      }
      case 'slow-link':
      case 'lossy-link': {
        const [from, to] = [this.#node(fault.from), this.#node(fault.to)];
        const rules = [this.#drop(from, to), this.#drop(to, from)].map((pair): NetworkRule =>
          fault.kind === 'slow-link'
            ? { ...pair, kind: 'limit', bytesPerSecond: fault.bytesPerSecond }
            : { ...pair, kind: 'lose', lossPercent: fault.lossPercent },
        );
        return this.#withRules(rules, [from, to], onInjected, fault.forMs, signal);
      }
      case 'full-disk': {
        const { limited } = this.#options;
        if (!limited) throw new NoVictimError('no volume can be filled on this machine');
        onInjected([limited.node]);
        const empty = await limited.fill();
        try {
          await wait(fault.forMs, signal);
        } finally {
          await empty();
        }
        return;
      }
      case 'wipe':
        return this.#wipe(this.#node(fault.victim), onInjected);
    }
  }

  async #kill(nodes: readonly string[], onInjected: (nodes: readonly string[]) => void): Promise<void> {
    const killed = await Promise.all(nodes.map((node) => signalNode(this.#options.cluster, node, 'SIGKILL')));
    if (!killed.includes(true)) throw new NoVictimError(`${nodes.join(' and ')} did not run`);
    onInjected(nodes);
  }

  async #pause(node: string, onInjected: (nodes: readonly string[]) => void, until: () => Promise<void>): Promise<void> {
    if (!(await signalNode(this.#options.cluster, node, 'SIGSTOP'))) throw new NoVictimError(`${node} did not run`);
    onInjected([node]);
    try {
      await until();
    } finally {
      await signalNode(this.#options.cluster, node, 'SIGCONT');
    }
  }

  async #withRules(
    rules: readonly NetworkRule[],
    nodes: readonly string[],
    onInjected: (nodes: readonly string[]) => void,
    forMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { network } = this.#options;
    if (!network) throw new NoVictimError('no packet can be dropped on this machine');
    const lift = await network.enforce(rules);
    onInjected(nodes);
    try {
      await wait(forMs, signal);
    } finally {
      await lift();
    }
  }

  /** Only what others have too may be lost. All copies were in sync just now, and no set shrinks to one in less than seconds. */
  async #wipe(node: string, onInjected: (nodes: readonly string[]) => void): Promise<void> {
    const { cluster, view } = this.#options;
    const folder = await cluster.volumeFolder(node);
    const shards = view.shards();
    if (shards.some((shard) => view.inSyncOf(shard).every((other) => other === node))) {
      throw new NoVictimError(`${node} holds the only copy of a shard that is in sync`);
    }
    await whileKubeletsWait(cluster, node, async () => {
      onInjected([node]);
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    });
  }

  async #untilAnother(victim: Victim, before: string, atMostMs: number, signal: AbortSignal): Promise<void> {
    const giveUpMs = performance.now() + atMostMs;
    while (this.#options.view.nodeOf(victim) === before && performance.now() < giveUpMs && !signal.aborted) await wait(20, signal);
  }

  #node(victim: Victim): string {
    const node = this.#options.view.nodeOf(victim);
    if (node === undefined) throw new NoVictimError(`shard ${victim.shard} has no ${victim.kind}`);
    return node;
  }

  #drop(from: string, to: string): DropRule {
    const nodes = this.#options.view.nodes();
    return dropped(nodes.get(from) ?? '', nodes.get(to) ?? '');
  }
}

function dropped(from: string, to: string): DropRule {
  return { kind: 'drop', from, to };
}

/** Ends early, without error, when the run ends. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
