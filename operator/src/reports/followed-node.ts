/** One storage Pod that is followed: dials, dials again, keeps what is known, and tells when decisions about it may change. */
import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import type { Logger } from '../logger.ts';
import type { NodeSight } from '../plan/node-sights.ts';
import { dialled, sightOf, withReport, withStreamEnd, type KnownNode, type StreamEnd } from './known-node.ts';
import type { ReportMetrics } from './metrics.ts';
import type { NodeReport } from './node-report.ts';
import { ForeignReportError, readReports } from './report-stream.ts';
import type { StoragePod } from './storage-pod.ts';
import { sameReaches, shardsChanged, verdictOn } from './verdict.ts';

const redial = { baseDelayMs: 50, maxDelayMs: 1000 };

/** Later than silence is missed for: a connection is given up only when the verdict is old. */
const silenceMs = 5000;

export interface FollowedNodeOptions {
  readonly pod: StoragePod;
  readonly port: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: ReportMetrics;
  /** UIDs of VectorShards that it is about; undefined: all that have a copy on this node. */
  readonly onChange: (shards: readonly string[] | undefined) => void;
}

export class FollowedNode implements AsyncDisposable {
  readonly pod: StoragePod;
  readonly #options: FollowedNodeOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #known: KnownNode;
  #nextLook: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  #lastEnd: string | undefined;
  #verdict;

  constructor(options: FollowedNodeOptions) {
    this.pod = options.pod;
    this.#options = options;
    this.#known = dialled(options.pod.podUid, options.now());
    this.#verdict = verdictOn(this.#known, options.now());
    this.#look([]);
    this.#running = this.#follow(this.#stop.signal);
  }

  /** Made when it is needed: there are thousands of nodes, and few of them have anything to log. */
  get #log(): Logger {
    const { log, pod } = this.#options;
    return log.child({ node: pod.node, podUid: pod.podUid });
  }

  get isReporting(): boolean {
    return this.#known.stream.kind === 'reporting';
  }

  /** Undefined while nothing is known. */
  sight(now: number): NodeSight | undefined {
    return sightOf(this.#known, now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#nextLook?.timer);
    this.#stop.abort();
    await this.#running;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { pod, port, random } = this.#options;
    let failures = 0;
    const onReport = (report: NodeReport) => {
      failures = 0;
      this.#heard(report);
    };
    while (!signal.aborted) {
      const end = await readReports({ address: pod.address, port, identity: pod.identity, onReport, silenceMs }, signal);
      if (signal.aborted) return;
      this.#ended(end);
      failures += 1;
      try {
        await delay(backoffDelayMs(redial, failures, random), undefined, { signal });
      } catch {
        return;
      }
    }
  }

  #heard(report: NodeReport): void {
    const { pod, metrics, now } = this.#options;
    if (report.podUid !== pod.podUid || report.node !== pod.node) {
      throw new ForeignReportError(`${report.node} in Pod ${report.podUid} answers at the address of this one`);
    }
    const wasReporting = this.isReporting;
    const before = this.#known.replicas;
    this.#known = withReport(this.#known, report, now());
    metrics.reportReceived();
    if (!wasReporting) {
      this.#lastEnd = undefined;
      this.#log.info({ replicas: this.#known.replicas.size }, 'node reports');
    }
    this.#look(shardsChanged(before, this.#known.replicas));
  }

  #ended(end: StreamEnd): void {
    this.#known = withStreamEnd(this.#known, end, this.#options.now());
    this.#options.metrics.streamEnded(end.kind);
    // One that is away says so in ever other words.
    const said = end.kind === 'closed' ? end.kind : end.because;
    if (said !== this.#lastEnd) this.#log.info({ ending: end.kind, because: end.because }, 'node does not report');
    this.#lastEnd = said;
    this.#look([]);
  }

  /** Tells what changed since the last look, and looks again when time alone will change it. */
  #look(shards: readonly string[]): void {
    const now = this.#options.now();
    const verdict = verdictOn(this.#known, now);
    const isSame = sameReaches(verdict, this.#verdict);
    this.#verdict = verdict;
    if (this.#stop.signal.aborted) return;
    if (verdict.againInMs !== undefined) this.#lookAt(now, verdict.againInMs);
    if (!isSame) this.#options.onChange(undefined);
    else if (shards.length > 0) this.#options.onChange(shards);
  }

  /** Every report moves the time at which silence would be missed: a look that was set for an earlier one stands, and sets the next. */
  #lookAt(now: number, inMs: number): void {
    if (this.#nextLook !== undefined && this.#nextLook.at <= now + inMs) return;
    clearTimeout(this.#nextLook?.timer);
    const again = () => {
      this.#nextLook = undefined;
      this.#look([]);
    };
    this.#nextLook = { at: now + inMs, timer: setTimeout(again, Math.ceil(inMs)).unref() };
  }
}
