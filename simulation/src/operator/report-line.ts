/** What a storage node tells one operator: all it has first, then what changed, and each second that nothing did, as reports/ does. */
import type { Contact, ReplicaSight } from '@vectorcluster/operator/plan/node-sights.ts';
import type { NodeReport } from '@vectorcluster/operator/reports/node-report.ts';
import type { ReplicaFacts } from '@vectorcluster/storage-node/replica-host/replica-facts.ts';
import { areWell } from '@vectorcluster/storage-node/reports/peer-facts.ts';
import type { PeerFacts } from '@vectorcluster/storage-node/reports/report-source.ts';
import type { Process } from '../time/process.ts';

export interface Reporter {
  readonly node: string;
  readonly podUid: string;
  readonly process: Process;
  replicas(): Iterable<ReplicaFacts>;
  peers(): readonly PeerFacts[];
  onChange(listener: () => void): () => void;
}

const heartbeatMs = 500;

export class ReportLine implements Disposable {
  readonly #reporter: Reporter;
  readonly #send: (report: NodeReport) => void;
  readonly #forget: () => void;
  #told = new Map<string, ReplicaSight>();
  #number = 0n;
  #arePeersWell = false;
  #hasPaused = false;
  #isDue = false;
  #timer: Disposable | undefined;

  constructor(reporter: Reporter, send: (report: NodeReport) => void) {
    this.#reporter = reporter;
    this.#send = send;
    this.#forget = reporter.onChange(() => this.#soon());
    this.#beat();
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.#timer?.[Symbol.dispose]();
  }

  #beat(): void {
    this.#timer = this.#reporter.process.after(heartbeatMs, () => this.#beat());
    if (this.#hasPaused || this.#hasNews()) this.#report();
    else this.#hasPaused = true;
  }

  #hasNews(): boolean {
    const replicas = Array.from(this.#reporter.replicas(), sightOf);
    if (this.#number === 0n || replicas.length !== this.#told.size || !this.#arePeersWell || !areWell(this.#reporter.peers())) return true;
    return replicas.some((replica) => !isSame(this.#told.get(replica.replicaId), replica));
  }

  /** Changes of one moment go together. */
  #soon(): void {
    if (this.#isDue) return;
    const replicas = Array.from(this.#reporter.replicas(), sightOf);
    if (!replicas.some((replica) => !saysTheSame(this.#told.get(replica.replicaId), replica)) && this.#told.size === replicas.length)
      return;
    this.#isDue = true;
    this.#reporter.process.after(1, () => {
      this.#isDue = false;
      this.#report();
    });
  }

  #report(): void {
    const now = new Map(Array.from(this.#reporter.replicas(), (facts) => [facts.replicaId, sightOf(facts)]));
    const replicas = [...now.values()].filter((replica) => this.#number === 0n || !isSame(this.#told.get(replica.replicaId), replica));
    const gone = [...this.#told.keys()].filter((replicaId) => !now.has(replicaId));
    this.#told = now;
    this.#number += 1n;
    this.#hasPaused = false;
    const { node, podUid } = this.#reporter;
    const facts = this.#reporter.peers();
    this.#arePeersWell = areWell(facts);
    const peers = new Map(
      facts.map(({ node: peer, connected, silentMs, closedForMs }): [string, Contact] => {
        const closed = connected ? undefined : (closedForMs ?? 0);
        return [peer, { isConnected: connected, closedForMs: closed, silentMs: silentMs ?? closed ?? 0 }];
      }),
    );
    this.#send({ number: this.#number, node, podUid, peers, volume: undefined, replicas, gone });
  }
}

function sightOf({ shard, replicaId, epoch, role, serves, applied, points, because, drainedTo }: ReplicaFacts): ReplicaSight {
  return { shard, replicaId, epoch: Number(epoch), role, serves, applied, points, because, drainedTo };
}

function saysTheSame(a: ReplicaSight | undefined, b: ReplicaSight): boolean {
  return a?.epoch === b.epoch && a.role === b.role && a.serves === b.serves && a.because === b.because && a.drainedTo === b.drainedTo;
}

function isSame(a: ReplicaSight | undefined, b: ReplicaSight): boolean {
  return saysTheSame(a, b) && a?.applied === b.applied && a.points === b.points;
}
