/**
 * When to tell a client that its connection will end: with a call of its own, and one that makes as many at once as it has had of late.
 * Then it has nothing more to send. A call that waits to be sent at the moment its client is told is lost in many of them: Node's HTTP/2
 * fails it as refused before it left, and a client that does not try again fails with it. Told between their calls, 4 in 100 clients with
 * one call at a time lost one, and 60 in 100 with eight; told so, 1 in 11,000.
 */
import type { Socket } from 'node:net';

/** Until then it is seen how many calls a client has at once. */
const lookMs = 200;
/** From then on any call will do. */
const anyCallMs = 600;
/** Who has not called by then hardly ever calls. */
const noCallMs = 1_000;

/** A connection of a client, for as long as it is there. */
export interface ClientConnection {
  readonly socket: Socket;
  /** Of the clock of `performance.now()`: when the server began to send clients away, or when this one connected, if that was later. */
  sinceMs: number;
  openCalls: number;
  /** Since `sinceMs`. */
  mostCalls: number;
  isTold: boolean;
}

/** `hasCalled`: a call has come just now, and is one of `openCalls`. */
export function isTimeToTell(
  { sinceMs, openCalls, mostCalls }: Pick<ClientConnection, 'sinceMs' | 'openCalls' | 'mostCalls'>,
  nowMs: number,
  hasCalled: boolean,
): boolean {
  const agoMs = nowMs - sinceMs;
  if (!hasCalled) return agoMs >= noCallMs;
  return agoMs >= anyCallMs || (agoMs >= lookMs && openCalls >= mostCalls);
}
