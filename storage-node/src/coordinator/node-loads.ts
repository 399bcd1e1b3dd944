/** What this node knows of the others from its own calls: how busy they are, and whether they answer at all. */
import type { Candidate, CandidateLoad } from './replica-choice.ts';

/** An estimate of latency is forgotten at this pace, so that a node that was slow is tried again. */
const forgottenInMs = 10_000;
const weightOfNewest = 0.2;
/** A copy that refused is tried again after this; one that cannot be reached first after this, then ever later. */
const refusedForMs = 250;
const unreachableForMs = 1_000;
const unreachableForMostMs = 8_000;
/** So many calls overtaken by their hedges in a row, and not a word meanwhile: as good as gone. */
const overtakenMost = 3;
/** Copies that refused, at most so many are kept in mind. */
const refusedMost = 4_096;

interface Load {
  underWay: number;
  latencyMs: number;
  latencyAt: number;
  heardAt: number;
  overtaken: number;
  /** How often in a row it was given up. */
  failures: number;
  avoidedUntil: number;
}

export class NodeLoads {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, Load>();
  readonly #refusedUntil = new Map<string, number>();

  /** `now` is monotonic, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  began(address: string): void {
    this.#load(address).underWay += 1;
  }

  answered(address: string, tookMs: number): void {
    const load = this.#heard(address);
    load.latencyMs = latencyNow(load, load.heardAt) * (1 - weightOfNewest) + tookMs * weightOfNewest;
    load.latencyAt = load.heardAt;
  }

  /** It is there and cannot answer for this copy. */
  refused(address: string, replicaId: string): void {
    const { heardAt } = this.#heard(address);
    if (this.#refusedUntil.size >= refusedMost) this.#refusedUntil.clear();
    this.#refusedUntil.set(replicaId, heardAt + refusedForMs);
  }

  unreachable(address: string): void {
    const load = this.#load(address);
    load.underWay -= 1;
    this.#avoid(load);
  }

  /** The answer came from elsewhere first, or nobody wants it any more. */
  abandoned(address: string, tookMs: number): void {
    const load = this.#load(address);
    const now = this.#now();
    load.underWay -= 1;
    load.latencyMs = Math.max(latencyNow(load, now), tookMs);
    load.latencyAt = now;
    if (!isMute(load, now - tookMs)) return;
    load.overtaken += 1;
    if (load.overtaken >= overtakenMost) this.#avoid(load);
  }

  /** Nothing has come from there since, whoever asked. */
  isMuteSince(address: string, since: number): boolean {
    return isMute(this.#load(address), since);
  }

  /** A call that is still under way has waited too long for a node that says nothing. */
  givenUp(address: string): void {
    this.#avoid(this.#load(address));
  }

  loadOf({ address, replicaId }: Candidate): CandidateLoad {
    const now = this.#now();
    const load = this.#byAddress.get(address);
    const isRefused = (this.#refusedUntil.get(replicaId) ?? 0) > now;
    if (load === undefined) return { isAvoided: isRefused, cost: 0 };
    return { isAvoided: isRefused || load.avoidedUntil > now, cost: (load.underWay + 1) * latencyNow(load, now) };
  }

  /** Forgets nodes that are gone. */
  keepOnly(addresses: ReadonlySet<string>): void {
    for (const address of this.#byAddress.keys()) if (!addresses.has(address)) this.#byAddress.delete(address);
  }

  #heard(address: string): Load {
    const load = this.#load(address);
    load.underWay -= 1;
    load.heardAt = this.#now();
    load.overtaken = 0;
    load.failures = 0;
    load.avoidedUntil = 0;
    return load;
  }

  #avoid(load: Load): void {
    const now = this.#now();
    if (load.avoidedUntil > now) return;
    load.avoidedUntil = now + Math.min(unreachableForMostMs, unreachableForMs * 2 ** load.failures);
    load.failures += 1;
    load.overtaken = 0;
  }

  #load(address: string): Load {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const load = { underWay: 0, latencyMs: 0, latencyAt: 0, heardAt: -Infinity, overtaken: 0, failures: 0, avoidedUntil: 0 };
    this.#byAddress.set(address, load);
    return load;
  }
}

function latencyNow({ latencyMs, latencyAt }: Load, now: number): number {
  return latencyMs * Math.exp((latencyAt - now) / forgottenInMs);
}

function isMute({ heardAt }: Load, since: number): boolean {
  return heardAt <= since;
}
