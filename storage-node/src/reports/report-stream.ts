/**
 * Reports to one reader: at once when something matters, with the next heartbeat when something else is new, and as seldom as the reader
 * allows when nothing is: an operator has thousands of nodes, of which few have anything to say.
 *
 * A report is made at the moment when it can be sent, and there is never a second one on its way: a reader that is slow gets fewer
 * reports, each with the newest state, and costs no memory. What changes within one turn of the event loop goes into one report.
 */
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';
import { encodePeer, encodeReplica, encodeVolume, type ReportMessage } from './encode-report.ts';
import { areWell } from './peer-facts.ts';
import type { ReportSource } from './report-source.ts';
import { changedSince, matters, type Current } from './reported.ts';

export const heartbeatMs = 500;

export interface ReportStreamOptions {
  readonly source: ReportSource;
  /** How long nothing may be said when nothing is new; kept to whole heartbeats, and at least one. */
  readonly keepAliveMs: number;
  /** Calls back when the reader's side has taken the report, or never will. */
  readonly write: (report: ReportMessage, taken: () => void) => void;
}

export class ReportStream implements Disposable {
  readonly #source: ReportSource;
  readonly #beatsAtMost: number;
  readonly #write: ReportStreamOptions['write'];
  readonly #stops: readonly (() => void)[];
  readonly #heartbeat: NodeJS.Timeout;
  /** As told last. */
  readonly #reported = new Map<string, ReplicaFacts>();
  /** May differ from what was told. */
  readonly #touched = new Set<string>();
  /** Of these it is not known yet whether the change matters. */
  readonly #unweighed = new Set<string>();
  /** As told last. */
  #arePeersWell = false;
  /** Heartbeats since the last report. */
  #beats = 0;
  #number = 0n;
  #isWeighing = false;
  #isDue = true;
  #isOnItsWay = false;
  #isClosed = false;

  constructor({ source, keepAliveMs, write }: ReportStreamOptions) {
    this.#source = source;
    this.#beatsAtMost = Math.floor(keepAliveMs / heartbeatMs);
    this.#write = write;
    this.#stops = [
      source.onReplicaChange((replicaId) => this.#touch(replicaId)),
      source.onPeerChange(() => {
        this.#isDue = true;
        this.#weighSoon();
      }),
    ];
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    for (const { replicaId } of source.replicas()) this.#touched.add(replicaId);
    this.#send();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    for (const stop of this.#stops) stop();
  }

  #touch(replicaId: string): void {
    this.#touched.add(replicaId);
    this.#unweighed.add(replicaId);
    this.#weighSoon();
  }

  #weighSoon(): void {
    if (this.#isWeighing) return;
    this.#isWeighing = true;
    setImmediate(() => {
      this.#isWeighing = false;
      for (const replicaId of this.#unweighed) {
        if (this.#isDue) break;
        this.#isDue = matters(this.#reported.get(replicaId), this.#source.replica(replicaId));
      }
      this.#unweighed.clear();
      if (this.#isDue) this.#send();
    });
  }

  #beat(): void {
    this.#beats += 1;
    if (this.#beats < this.#beatsAtMost && !this.#hasNews()) return;
    this.#isDue = true;
    this.#send();
  }

  /** Of a peer that is not well each heartbeat tells for how long, and the one after that it is well again. The volume is in no hurry. */
  #hasNews(): boolean {
    return this.#touched.size > 0 || !this.#arePeersWell || !areWell(this.#source.peers());
  }

  #send(): void {
    if (this.#isOnItsWay || this.#isClosed) return;
    this.#isOnItsWay = true;
    this.#isDue = false;
    this.#beats = 0;
    this.#heartbeat.refresh();
    this.#write(this.#report(), () => {
      this.#isOnItsWay = false;
      if (this.#isDue) this.#send();
    });
  }

  #report(): ReportMessage {
    const current = Array.from(this.#touched, (replicaId): Current => [replicaId, this.#source.replica(replicaId)]);
    const { replicas, gone } = changedSince(this.#reported, current);
    this.#touched.clear();
    for (const facts of replicas) this.#reported.set(facts.replicaId, facts);
    for (const replicaId of gone) this.#reported.delete(replicaId);
    this.#number += 1n;
    const { node, podUid } = this.#source;
    const peers = [...this.#source.peers()];
    this.#arePeersWell = areWell(peers);
    const volume = this.#source.volume();
    return {
      number: this.#number,
      node,
      podUid,
      peers: peers.map(encodePeer),
      replicas: replicas.map(encodeReplica),
      gone: [...gone],
      ...(volume !== undefined && { volume: encodeVolume(volume) }),
    };
  }
}
