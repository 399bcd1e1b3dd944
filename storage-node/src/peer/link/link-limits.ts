/** Every bound of a link, in bytes and milliseconds. Both ends of a version agree on those that the wire knows. */
import type { Backoff } from '@vectorcluster/kube/backoff.ts';

/** Said in Hello; another one is refused. */
export const protocolVersion = 2;

/** A heartbeat waits behind a few of these at most. */
export const maxFrameBytes = 64 * 1024;
/** A request has at most 32 MB, and what is resolved from one with many tiny points may be twice that. */
export const maxMessageBytes = 128 * 1024 * 1024;
/** What the other side may send before the first Grant: well above bandwidth × delay between zones (10 Gbit/s × 2 ms). */
export const windowBytes = 4 * 1024 * 1024;
/** HTTP/2 flow control below all that: what is on its way through the network. */
export const transportWindowBytes = 1024 * 1024;
/** Handed to gRPC and not yet taken by the socket. */
export const maxUnflushedBytes = 256 * 1024;
/** `send` resolves when no more than this waits in front of the end of its message. */
export const roomBytes = 4 * 1024 * 1024;
/** Senders that do not wait for room: the connection ends before memory does. */
export const maxQueuedBytes = 512 * 1024 * 1024;

export const heartbeatMs = 500;
/**
 * Heartbeats of ours in a row during which nothing came, until a connection is given up for a new one. Later than the protocol takes the
 * node for silent (3 s), so that it decides. Counted in beats: after a pause of this process the next beat comes before what waits to be read.
 */
export const silentBeats = 8;
/** Of ours that were not echoed although other frames came. */
export const maxUnechoedBeats = 60;
/** From the stream's opening to both Hellos. */
export const helloTimeoutMs = 2_000;
/** Streams that have not said who they are. */
export const maxGreetingStreams = 64;

/** In which the other side may take the reason why its stream was ended, before the connection is cut. */
export const partingMs = 500;

export const redialBackoff: Backoff = { baseDelayMs: 50, maxDelayMs: 1_000 };
/** A connection that lasted this long was a good one: the next attempt after it comes at once. */
export const provenAfterMs = 1_000;
