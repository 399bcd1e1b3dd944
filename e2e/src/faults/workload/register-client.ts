/** Clients that write and read the same few points at the same time, linearizable. */
import { checkRegister, type RegisterOperation, type RegisterValue } from '../checker/check-register.ts';
import type { Violation } from '../checker/violation.ts';
import { inSeconds } from '../tell-time.ts';
import { anyOf, type RestConnection } from './connections.ts';
import { collection, generationsOf, pointBody } from './points.ts';
import { call, type RequestCounter } from './stock-client.ts';

export interface Register {
  readonly id: number;
  readonly operations: RegisterOperation[];
  /** Operations that have not ended. */
  underWay: number;
  unknown: number;
  checked: boolean;
}

export interface RegistersOptions {
  readonly counter: RequestCounter;
  readonly nextId: () => number;
  readonly random: () => number;
  readonly connection: () => RestConnection;
  readonly onViolations: (violations: readonly Violation[]) => void;
}

const openRegisters = 6;
const operationsMax = 150;
/** Each doubles what the checker has to consider. */
const unknownMax = 3;
const writeShare = 0.4;
const deleteShare = 0.1;
const operationsTold = 12;

export class Registers {
  readonly all: Register[] = [];
  /** Histories with too many orders to search. */
  tooMuch = 0;
  readonly #options: RegistersOptions;
  #open: Register[] = [];
  #generation = 0;

  constructor(options: RegistersOptions) {
    this.#options = options;
    this.#fill();
  }

  /** One operation; several clients may be in here at once. */
  async step(): Promise<void> {
    const { random, connection } = this.#options;
    const register = anyOf(this.#open, random);
    const chance = random();
    register.underWay++;
    if (chance < writeShare) await this.#write(register, ++this.#generation, connection());
    else if (chance < writeShare + deleteShare) await this.#write(register, 'absent', connection());
    else await this.read(register, connection());
    register.underWay--;
    this.#retire();
  }

  async read(register: Register, { through, client }: RestConnection): Promise<void> {
    const { counter } = this.#options;
    const result = await call({ operation: 'retrieve linearizable', through, counter }, () =>
      client.retrieve(collection, { ids: [register.id], with_payload: true, consistency: 'majority' }),
    );
    if (result.kind !== 'answered') return;
    const value = generationsOf(result.value).get(register.id) ?? 'absent';
    register.operations.push({ kind: 'read', value, invokedMs: result.invokedMs, respondedMs: result.answeredMs, through: through.name });
  }

  /** Checks those that are written no more. */
  sweep(): void {
    for (const register of this.all) {
      if (!register.checked && register.underWay === 0 && !this.#open.includes(register)) this.check(register);
    }
  }

  check(register: Register): void {
    register.checked = true;
    const verdict = checkRegister(register.operations);
    if (verdict.kind === 'too-much') this.tooMuch++;
    if (verdict.kind !== 'impossible') return;
    const { operation } = verdict;
    const atMs = operation.respondedMs ?? operation.invokedMs;
    const before = register.operations.filter((other) => other.invokedMs <= atMs).toSorted((a, b) => a.invokedMs - b.invokedMs);
    const story = before.slice(-operationsTold).map(tell);
    this.#options.onViolations([
      {
        kind: 'a register has no order that explains it',
        atMs,
        ids: [register.id],
        story: [...story, `no order explains: ${tell(operation)}`],
      },
    ]);
  }

  async #write(register: Register, value: RegisterValue, { through, client }: RestConnection): Promise<void> {
    const { counter } = this.#options;
    const operation = value === 'absent' ? 'delete' : 'upsert';
    const result = await call({ operation, through, counter }, async () => {
      if (value === 'absent') await client.delete(collection, { wait: true, points: [register.id] });
      else await client.upsert(collection, { wait: true, points: [pointBody(register.id, -1, value)] });
    });
    const write = { kind: 'write', value, through: through.name } as const;
    // Each attempt is a write of its own, since each may take effect.
    for (const invokedMs of result.doubts) register.operations.push({ ...write, invokedMs });
    register.unknown += result.doubts.length;
    if (result.kind === 'answered') register.operations.push({ ...write, invokedMs: result.invokedMs, respondedMs: result.answeredMs });
  }

  #retire(): void {
    this.#open = this.#open.filter((register) => !isFull(register));
    this.#fill();
  }

  #fill(): void {
    while (this.#open.length < openRegisters) {
      const register: Register = { id: this.#options.nextId(), operations: [], underWay: 0, unknown: 0, checked: false };
      this.#open.push(register);
      this.all.push(register);
    }
  }
}

function isFull(register: Register): boolean {
  return register.operations.length >= operationsMax || register.unknown >= unknownMax;
}

function tell({ kind, value, invokedMs, respondedMs, through }: RegisterOperation): string {
  return `${inSeconds(invokedMs)}–${inSeconds(respondedMs)} s ${kind} ${value} through ${through}`;
}
