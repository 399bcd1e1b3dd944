/** Goes through a plan: waits until the cluster is whole where that is planned, lets each fault happen, and notes whom it hit. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterView } from './cluster-view.ts';
import type { Disturbances } from './disturbances.ts';
import { tellFault } from './fault.ts';
import { NoVictimError, type Injector } from './injector/injector.ts';
import type { PlannedFault } from './plan.ts';
import type { FaultRecord } from './report/pauses.ts';
import { inSeconds } from './tell-time.ts';
import type { ShardProbe } from './workload/shard-probe.ts';

export interface CampaignOptions {
  readonly injector: Injector;
  readonly view: ClusterView;
  readonly copies: number;
  readonly probes: readonly ShardProbe[];
  readonly disturbances: Disturbances;
  readonly now: () => number;
  readonly onLine: (text: string) => void;
  readonly signal: AbortSignal;
}

const settleWithinMs = 20_000;

export class Campaign {
  readonly faults: FaultRecord[] = [];
  readonly #options: CampaignOptions;

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  async run(plan: readonly PlannedFault[], minutes: number, onFault: () => void): Promise<void> {
    const { now, signal } = this.#options;
    const deadlineMs = now() + minutes * 60_000;
    for (const [index, planned] of plan.entries()) {
      if (now() > deadlineMs || signal.aborted) return;
      await this.#injectOne(planned, index + 1);
      onFault();
    }
  }

  /** All copies are in sync, and what was written after the last fault was acknowledged: the object alone may not tell of it yet. */
  isWhole(): boolean {
    const { view, copies, probes } = this.#options;
    const lastMs = this.faults.at(-1)?.healedMs ?? 0;
    return view.settled(copies) && probes.every(({ writes }) => (writes.at(-1)?.invokedMs ?? 0) > lastMs);
  }

  async #injectOne({ fault, settled, restMs }: PlannedFault, number: number): Promise<void> {
    const { injector, view, disturbances, now, onLine, signal } = this.#options;
    await sleep(restMs, undefined, { signal }).catch(() => {});
    const wholeAgain = settled ? await until(() => this.isWhole(), settleWithinMs) : this.isWhole();
    const words = tellFault(fault);
    const beside = wholeAgain ? '' : ' (not all copies in sync)';
    let injected: Omit<FaultRecord, 'healedMs'> | undefined;
    let healed: ((atMs: number) => void) | undefined;
    const onInjected = (nodes: readonly string[]): void => {
      const injectedMs = now();
      healed = disturbances.begin(fault.kind, injectedMs);
      injected = { number, kind: fault.kind, words, nodes, injectedMs, overlaps: !wholeAgain, roles: view.rolesOf(nodes) };
      onLine(`${inSeconds(injectedMs)} s ${number}. ${words}${nodes.length > 0 ? `: ${nodes.join(', ')}` : ''}${beside}`);
    };
    try {
      await injector.inject(fault, onInjected, signal);
    } catch (error) {
      if (!(error instanceof NoVictimError)) throw error;
      onLine(`${inSeconds(now())} s ${number}. ${words}: left out, ${error.message}`);
    } finally {
      healed?.(now());
      if (injected) this.faults.push({ ...injected, healedMs: now() });
    }
  }
}

export async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const giveUpMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > giveUpMs) return false;
    await sleep(20);
  }
  return true;
}
