/** A report stream to every storage Pod, kept as reports/ keeps it; what is made of reports is the operator's own code. */
import type { Informer } from '@vectorcluster/kube/informer.ts';
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { SightChange, SightSource } from '@vectorcluster/operator/controllers/sight-source.ts';
import type { NodeSight, NodeSights } from '@vectorcluster/operator/plan/node-sights.ts';
import { dialled, sightOf, withReport, withStreamEnd, type KnownNode, type StreamEnd } from '@vectorcluster/operator/reports/known-node.ts';
import type { NodeReport } from '@vectorcluster/operator/reports/node-report.ts';
import { isSamePlace, storagePod, type StoragePod } from '@vectorcluster/operator/reports/storage-pod.ts';
import { sameReaches, shardsChanged, verdictOn, type Verdict } from '@vectorcluster/operator/reports/verdict.ts';
import type { Network } from '../network/network.ts';
import { Stream } from '../network/path.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import { ReportLine, type Reporter } from './report-line.ts';

export interface HasReporter {
  readonly reporter: Reporter;
}

export interface SimulatedSightsOptions {
  readonly place: string;
  readonly process: Process;
  readonly network: Network<HasReporter>;
  readonly chance: Chance;
  readonly pods: Pick<Informer<Pod>, 'list' | 'onChange'>;
}

const silenceMs = 5_000;
const redial = { baseDelayMs: 50, maxDelayMs: 1_000 };

interface Followed {
  readonly pod: StoragePod;
  known: KnownNode;
  verdict: Verdict;
  failures: number;
  stream: object | undefined;
  silence: Disposable | undefined;
  timer: Disposable | undefined;
  isStopped: boolean;
}

export class SimulatedSights implements SightSource {
  readonly #options: SimulatedSightsOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #listeners = new Set<(change: SightChange) => void>();

  constructor(options: SimulatedSightsOptions) {
    this.#options = options;
    options.pods.onChange(({ kind, object }) =>
      this.#followOnly(object.metadata.name, kind === 'deleted' ? undefined : storagePod(object)),
    );
    for (const pod of options.pods.list()) this.#followOnly(pod.metadata.name, storagePod(pod));
  }

  of(): NodeSights {
    const now = this.#options.process.now();
    const sights = new Map<string, NodeSight>();
    for (const [node, { known }] of this.#followed) {
      const sight = sightOf(known, now);
      if (sight !== undefined) sights.set(node, sight);
    }
    return sights;
  }

  onChange(listener: (change: SightChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #followOnly(node: string, pod: StoragePod | undefined): void {
    const before = this.#followed.get(node);
    if (before !== undefined) {
      if (pod !== undefined && isSamePlace(before.pod, pod)) return;
      before.isStopped = true;
      before.timer?.[Symbol.dispose]();
      this.#followed.delete(node);
      this.#tell(before.pod, undefined);
    }
    if (pod === undefined) return;
    const now = this.#options.process.now();
    const known = dialled(pod.podUid, now);
    const followed = {
      pod,
      known,
      verdict: verdictOn(known, now),
      failures: 0,
      stream: undefined,
      silence: undefined,
      timer: undefined,
      isStopped: false,
    };
    this.#followed.set(node, followed);
    this.#look(followed, []);
    this.#dial(followed);
  }

  #dial(followed: Followed): void {
    if (followed.isStopped) return;
    const { network, place, process } = this.#options;
    const { node } = followed.pod;
    const there = network.path(place, node);
    const back = network.path(node, place);
    const stream = {};
    const arriving = new Stream();
    let line: ReportLine | undefined;
    let forgetEnd: (() => void) | undefined;
    const end = (kind: 'closed' | 'silent'): void => {
      if (followed.stream !== stream || followed.isStopped) return;
      followed.stream = undefined;
      followed.silence?.[Symbol.dispose]();
      line?.[Symbol.dispose]();
      forgetEnd?.();
      this.#ended(followed, { kind, because: 'the stream ended' });
    };
    const hear = (name: string, act: () => void): void => back.deliver(process, name, act, arriving, network.timeline.now);
    const listen = (): void => {
      followed.silence?.[Symbol.dispose]();
      followed.silence = process.after(silenceMs, () => end('silent'));
    };
    followed.stream = stream;
    listen();
    process.onEnd(() => line?.[Symbol.dispose]());
    network.timeline.after(there.draw(), `reports of ${node}`, () => {
      const machine = network.machine(node);
      if (there.isCut || machine.kind === 'dark') return;
      if (machine.kind === 'refusing') return hear('no reports', () => end('closed'));
      const { door } = machine;
      forgetEnd = door.process.onEnd(() => {
        if (network.machine(node).kind !== 'dark') hear('reports end', () => end('closed'));
      });
      line = new ReportLine(door.served.reporter, (report) =>
        hear('report', () => {
          if (followed.stream !== stream || followed.isStopped) return line?.[Symbol.dispose]();
          listen();
          this.#heard(followed, report);
        }),
      );
    });
  }

  #heard(followed: Followed, report: NodeReport): void {
    if (report.podUid !== followed.pod.podUid) return;
    const before = followed.known.replicas;
    followed.failures = 0;
    followed.known = withReport(followed.known, report, this.#options.process.now());
    this.#look(followed, shardsChanged(before, followed.known.replicas));
  }

  #ended(followed: Followed, end: StreamEnd): void {
    const { process, chance } = this.#options;
    followed.known = withStreamEnd(followed.known, end, process.now());
    this.#look(followed, []);
    followed.failures += 1;
    process.after(backoffDelayMs(redial, followed.failures, chance.next), () => this.#dial(followed));
  }

  #look(followed: Followed, shards: readonly string[]): void {
    const { process } = this.#options;
    const verdict = verdictOn(followed.known, process.now());
    const isSame = sameReaches(verdict, followed.verdict);
    followed.verdict = verdict;
    followed.timer?.[Symbol.dispose]();
    if (followed.isStopped) return;
    if (verdict.againInMs !== undefined) followed.timer = process.after(Math.ceil(verdict.againInMs), () => this.#look(followed, []));
    if (!isSame) this.#tell(followed.pod, undefined);
    else if (shards.length > 0) this.#tell(followed.pod, shards);
  }

  #tell({ identity, node }: StoragePod, shards: readonly string[] | undefined): void {
    for (const listener of this.#listeners) listener({ ...identity, node, shards });
  }
}
