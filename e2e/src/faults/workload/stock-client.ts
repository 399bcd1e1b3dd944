/**
 * Requests as clients of the public API send them, with what such clients do when one fails.
 *
 * What stock clients retry by themselves: Rust and Go over gRPC once or by policy on UNAVAILABLE; Python and JavaScript over REST
 * nothing, so applications wrap them. The usual wrapper tries again, up to three times and with growing pauses, when the connection
 * failed, nothing came in time, or the answer was 429 or 5xx. So two numbers count: requests that failed, and calls that failed although
 * they were tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** The Service, or one node; and by which protocol. */
export interface Through {
  readonly name: string;
  readonly kind: 'service' | 'node';
}

export interface FailedRequest {
  readonly operation: string;
  readonly through: Through;
  readonly atMs: number;
  readonly reason: string;
}

export interface FailedCall extends FailedRequest {
  readonly attempts: number;
}

/** Where requests are counted. */
export interface RequestCounter {
  readonly now: () => number;
  sent(operation: string, through: Through): void;
  requestFailed(failure: FailedRequest): void;
  callFailed(failure: FailedCall): void;
}

export type CallResult<T> =
  | {
      readonly kind: 'answered';
      readonly value: T;
      /** Of the first attempt, and of the one that was answered. */
      readonly firstMs: number;
      readonly invokedMs: number;
      readonly answeredMs: number;
      /** When attempts began of which nobody knows whether they took effect. */
      readonly doubts: readonly number[];
    }
  | { readonly kind: 'failed'; readonly firstMs: number; readonly endedMs: number; readonly doubts: readonly number[] };

export interface Call {
  readonly operation: string;
  readonly through: Through;
  readonly counter: RequestCounter;
  readonly retries?: number;
}

export const usualRetries = 3;
const firstPauseMs = 100;

export async function call<T>(
  { operation, through, counter, retries = usualRetries }: Call,
  send: () => Promise<T>,
): Promise<CallResult<T>> {
  const doubts: number[] = [];
  const firstMs = counter.now();
  for (let attempt = 0; ; attempt++) {
    const invokedMs = counter.now();
    counter.sent(operation, through);
    try {
      const value = await send();
      return { kind: 'answered', value, firstMs, invokedMs, answeredMs: counter.now(), doubts };
    } catch (error) {
      const { reason, tookEffect, again } = judge(error);
      const atMs = counter.now();
      counter.requestFailed({ operation, through, atMs, reason });
      if (tookEffect === 'perhaps') doubts.push(invokedMs);
      if (!again || attempt >= retries) {
        counter.callFailed({ operation, through, atMs, reason, attempts: attempt + 1 });
        return { kind: 'failed', firstMs, endedMs: atMs, doubts };
      }
      await sleep(firstPauseMs * 2 ** attempt);
    }
  }
}

interface Judgement {
  readonly reason: string;
  readonly tookEffect: 'perhaps' | 'no';
  readonly again: boolean;
}

const told = z.looseObject({
  name: z.string().optional(),
  message: z.string().optional(),
  /** HTTP of the REST client; of gRPC's errors, `code`. */
  status: z.int().optional(),
  code: z.union([z.int(), z.string()]).optional(),
  data: z.unknown().optional(),
  /** Of the connection; an aborted request has a number here. */
  cause: z.looseObject({ code: z.union([z.int(), z.string()]).optional(), message: z.string().optional() }).optional(),
});

/** CANCELLED too: that is what the stream of a lost connection ends with. */
const grpcUnavailable = new Set([1, 4, 10, 13, 14]);
const grpcExhausted = 8;

/** What a failed request means for the one who sent it. */
export function judge(error: unknown): Judgement {
  const parsed = told.safeParse(error);
  if (!parsed.success) return { reason: String(error), tookEffect: 'perhaps', again: false };
  const { name = '', message = '', status, code, cause, data } = parsed.data;
  if (status !== undefined) {
    const reason = `HTTP ${status}: ${shortened(JSON.stringify(data ?? message))}`;
    return status >= 500 ? { reason, tookEffect: 'perhaps', again: true } : { reason, tookEffect: 'no', again: status === 429 };
  }
  if (name === 'QdrantClientResourceExhaustedError') return { reason: 'HTTP 429', tookEffect: 'no', again: true };
  if (name === 'QdrantClientTimeoutError' || name === 'TimeoutError')
    return { reason: 'no answer in time', tookEffect: 'perhaps', again: true };
  if (cause?.code === 'ECONNREFUSED') return { reason: 'connection refused', tookEffect: 'no', again: true };
  if (typeof cause?.code === 'string') return { reason: `connection lost (${cause.code})`, tookEffect: 'perhaps', again: true };
  if (name === 'ConnectError' && message.includes('aborted')) return { reason: 'no answer in time', tookEffect: 'perhaps', again: true };
  if (typeof code === 'number') {
    const reason = `gRPC ${code}: ${shortened(message)}`;
    if (grpcUnavailable.has(code)) return { reason, tookEffect: 'perhaps', again: true };
    return { reason, tookEffect: code === grpcExhausted ? 'no' : 'perhaps', again: code === grpcExhausted };
  }
  return { reason: shortened(`${name} ${message} ${cause?.message ?? ''}`), tookEffect: 'perhaps', again: true };
}

const reasonMax = 160;

/** Ids and figures are taken out, so that alike failures count together. */
function shortened(text: string): string {
  return text.replaceAll(/\d+(\.\d+)?/g, 'N').slice(0, reasonMax);
}
