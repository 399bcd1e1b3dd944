/** One copy asked once. Whatever comes of it, the loads of the nodes are told. */
import { NodeUnreachableError, NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { Coordination } from './coordination.ts';
import type { Candidate } from './replica-choice.ts';
import type { Cancellable, Wave } from './wave.ts';

export type Ask<Result> = (replica: ServedShard, signal: AbortSignal) => Promise<Result>;

export type Outcome<Result> =
  | { readonly kind: 'answered'; readonly attempt: Attempt<Result>; readonly result: Result }
  | { readonly kind: 'failed'; readonly attempt: Attempt<Result>; readonly error: unknown };

export interface AttemptOptions<Result> {
  readonly coordination: Coordination;
  readonly wave: Wave;
  /** UID of the shard. */
  readonly shard: string;
  readonly replica: Candidate;
  readonly ask: Ask<Result>;
}

const overtaken = new Error('another copy has answered');

export class Attempt<Result> implements Cancellable {
  readonly startedAt: number;
  /** Never rejects. */
  readonly outcome: Promise<Outcome<Result>>;
  readonly #options: AttemptOptions<Result>;
  readonly #cancelled = new AbortController();
  #isOver = false;

  constructor(options: AttemptOptions<Result>) {
    const { coordination, replica, wave } = options;
    this.#options = options;
    this.startedAt = coordination.now();
    coordination.loads.began(replica.address);
    wave.began(this);
    this.outcome = this.#run();
  }

  get replica(): Candidate {
    return this.#options.replica;
  }

  /** Nobody wants its answer any more. */
  cancel(reason: unknown = overtaken): void {
    if (this.#isOver) return;
    const { coordination, replica } = this.#options;
    this.#end();
    coordination.loads.abandoned(replica.address, coordination.now() - this.startedAt);
    this.#cancelled.abort(reason);
  }

  async #run(): Promise<Outcome<Result>> {
    const { coordination, replica } = this.#options;
    try {
      const result = await this.#ask();
      if (!this.#isOver) coordination.loads.answered(replica.address, coordination.now() - this.startedAt);
      return { kind: 'answered', attempt: this, result };
    } catch (error) {
      if (!this.#isOver) this.#tell(error);
      return { kind: 'failed', attempt: this, error };
    } finally {
      this.#end();
    }
  }

  async #ask(): Promise<Result> {
    const { coordination, shard, replica, ask } = this.#options;
    const { signal } = this.#cancelled;
    const isHere = replica.node === coordination.node;
    return await ask(isHere ? coordination.localShard(shard) : coordination.remoteShard(shard, replica.address, signal), signal);
  }

  #tell(error: unknown): void {
    const { coordination, replica } = this.#options;
    const { loads, now } = coordination;
    if (error instanceof NodeUnreachableError) loads.unreachable(replica.address);
    else if (mayBeTriedAgain(error)) loads.refused(replica.address, replica.replicaId);
    else loads.answered(replica.address, now() - this.startedAt);
  }

  #end(): void {
    this.#isOver = true;
    this.#options.wave.over(this);
  }
}

/** What changed nothing, or takes effect once by its request id. */
export function mayBeTriedAgain(error: unknown): boolean {
  return error instanceof NotPrimaryError || error instanceof ShardUnavailableError;
}
