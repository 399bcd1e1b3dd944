/**
 * Asks the copies of one shard until one answers or none is left.
 *
 * The next copy is asked at once when one fails; when one takes long, as a hedge; and when its node says nothing at all any more, whatever
 * hedges may cost. What takes the primary is begun anew when another epoch is in force.
 */
import { NodeUnreachableError } from '../errors.ts';
import type { ShardRoute } from '../topology/topology.ts';
import { Attempt, mayBeTriedAgain, type Ask, type Outcome } from './attempt.ts';
import type { CollectionCall } from './coordination.ts';
import { candidatesFor, chooseReplica, leftOut, type Candidate, type Purpose } from './replica-choice.ts';
import type { Wave } from './wave.ts';

/** A node that has not said a word to anyone for so long, with a call waiting, is not waited for alone. */
const muteMs = 1_000;
/** While only such nodes are left, copies that refused are asked again after this. */
const againMs = 250;

export interface Errand<Result> {
  readonly purpose: Purpose;
  readonly ask: Ask<Result>;
  /** What ends the request; left out, everything but what changed nothing. */
  readonly isFinal?: (error: unknown) => boolean;
  /** The shard as it is in force now. */
  readonly routeNow: () => ShardRoute;
}

export type Asked<Result> =
  | Extract<Outcome<Result>, { kind: 'answered' }>
  /** Others may have to be asked now. */
  | { readonly kind: 'moved' }
  /** None can answer now. */
  | { readonly kind: 'exhausted'; readonly because: string };

/** Throws what cannot be helped by asking again. */
export async function askCopies<Result>(
  call: CollectionCall,
  wave: Wave,
  route: ShardRoute,
  errand: Errand<Result>,
): Promise<Asked<Result>> {
  const asking = new Asking(call, wave, route, errand);
  try {
    return await asking.run();
  } finally {
    asking.leave();
  }
}

class Asking<Result> {
  readonly #call: CollectionCall;
  readonly #wave: Wave;
  readonly #route: ShardRoute;
  readonly #errand: Errand<Result>;
  readonly #untried: Set<Candidate>;
  /** On their way out. */
  readonly #reserve: Candidate[];
  readonly #underWay = new Set<Attempt<Result>>();
  /** Under way at nodes that say nothing. */
  readonly #mute = new Set<Attempt<Result>>();
  /** When they refused, or could not be reached. */
  readonly #failed = new Map<Candidate, number>();
  #hedge: Attempt<Result> | undefined;
  #because = 'no copy that could answer has an address';

  constructor(call: CollectionCall, wave: Wave, route: ShardRoute, errand: Errand<Result>) {
    this.#call = call;
    this.#wave = wave;
    this.#route = route;
    this.#errand = errand;
    const { node } = call.coordination;
    const candidates = candidatesFor(errand.purpose, route, node);
    this.#untried = new Set(candidates);
    this.#reserve = [...leftOut(errand.purpose, route, { node, candidates })];
  }

  async run(): Promise<Asked<Result>> {
    this.#askNext();
    while (this.#underWay.size > 0) {
      const event = await this.#next();
      if (event === 'tick') {
        if (this.#look() === 'moved') return { kind: 'moved' };
        continue;
      }
      this.#underWay.delete(event.attempt);
      if (event.kind === 'answered') {
        if (this.#hedge !== undefined) this.#call.coordination.metrics.readHedged({ won: event.attempt === this.#hedge });
        return event;
      }
      const { isFinal = (error: unknown) => !mayBeTriedAgain(error) } = this.#errand;
      if (isFinal(event.error)) throw event.error;
      this.#because = refusalOf(event.error, event.attempt.replica);
      this.#failed.set(event.attempt.replica, this.#call.coordination.now());
      if (this.#underWay.size === this.#mute.size) this.#askNext();
    }
    return { kind: 'exhausted', because: this.#because };
  }

  leave(): void {
    for (const attempt of this.#underWay) attempt.cancel();
  }

  /** Not `async`: of what a read costs here, promises are the most. */
  #next(): Promise<Outcome<Result> | 'tick'> {
    const [first, ...others] = this.#underWay;
    if (first !== undefined && others.length === 0) return Promise.race([first.outcome, this.#wave.tick()]);
    return Promise.race([...Array.from(this.#underWay, ({ outcome }) => outcome), this.#wave.tick()]);
  }

  #askNext(): Attempt<Result> | undefined {
    const { coordination, draw } = this.#call;
    const { node, zone, loads } = coordination;
    if (this.#untried.size === 0) for (const replica of this.#reserve.splice(0)) this.#untried.add(replica);
    const replica = chooseReplica([...this.#untried], { node, zone, draw, loadOf: (each) => loads.loadOf(each) });
    if (replica === undefined) return undefined;
    this.#untried.delete(replica);
    const attempt = new Attempt({ coordination, wave: this.#wave, shard: this.#route.uid, replica, ask: this.#errand.ask });
    this.#underWay.add(attempt);
    return attempt;
  }

  /** What has taken long enough to be looked at. */
  #look(): 'moved' | 'stay' {
    const { coordination } = this.#call;
    const now = coordination.now();
    for (const attempt of this.#underWay) {
      if (this.#mute.has(attempt) || now - attempt.startedAt < muteMs) continue;
      if (!coordination.loads.isMuteSince(attempt.replica.address, attempt.startedAt)) continue;
      coordination.loads.givenUp(attempt.replica.address);
      this.#mute.add(attempt);
      this.#askNext();
    }
    if (this.#untried.size === 0 && this.#mute.size === this.#underWay.size) this.#askAgain(now);
    const isAlone = this.#underWay.size === 1;
    if (isAlone && this.#untried.size > 0 && coordination.hedging.take()) this.#hedge = this.#askNext();
    return this.#isElsewhere() ? 'moved' : 'stay';
  }

  #askAgain(now: number): void {
    for (const [replica, failedAt] of this.#failed) {
      if (now - failedAt < againMs) continue;
      this.#failed.delete(replica);
      this.#untried.add(replica);
    }
    this.#askNext();
  }

  #isElsewhere(): boolean {
    const now = this.#errand.routeNow();
    if (now === this.#route) return false;
    const { purpose } = this.#errand;
    if (purpose === 'write' || purpose === 'linearizable') return now.epoch > this.#route.epoch;
    return this.#untried.size === 0 && this.#mute.size === this.#underWay.size;
  }
}

/** In words for clients: addresses of nodes are none of their business. */
function refusalOf(error: unknown, { node }: Candidate): string {
  if (error instanceof NodeUnreachableError || !(error instanceof Error)) return `${node} cannot be reached`;
  return `${node} answers: ${error.message}`;
}
