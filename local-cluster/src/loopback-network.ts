/**
 * The cluster's network: one /16 of the loopback range. Linux answers on every address of 127.0.0.0/8, so each Pod has an address of
 * its own and listens on the same ports as in a real cluster.
 *
 *   127.X.0.1      API server
 *   127.X.1-99.n   Pods
 *   127.X.200.n    Services
 */
import { probePort, type PortState } from './port-probe.ts';

export interface LoopbackNetwork {
  /** Second byte of every address, 16 to 250. */
  readonly octet: number;
}

/** Where the API server listens. */
export interface ApiServerPlace {
  readonly octet: number;
  readonly port: number;
}

export class LoopbackUnavailableError extends Error {
  override readonly name = 'LoopbackUnavailableError';
}

const lowestOctet = 16;
const highestOctet = 250;
const placeAttemptsMax = 10;
/** The first is what kubectl users know; a Kubernetes of this machine often holds it on every address. */
const apiServerPorts = [6443, 16_443, 26_443];

export function apiServerAddress(network: LoopbackNetwork): string {
  return `127.${network.octet}.0.1`;
}

/** The lowest Pod address that is not in `taken`. */
export function freePodAddress(network: LoopbackNetwork, taken: ReadonlySet<string>): string {
  for (let index = 0; index < 99 * 250; index++) {
    const address = `127.${network.octet}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
    if (!taken.has(address)) return address;
  }
  throw new LoopbackUnavailableError('all 24,750 Pod addresses are in use');
}

/** The lowest Service address that is not in `taken`. */
export function freeServiceAddress(network: LoopbackNetwork, taken: ReadonlySet<string>): string {
  for (let host = 1; host < 255; host++) {
    const address = `127.${network.octet}.200.${host}`;
    if (!taken.has(address)) return address;
  }
  throw new LoopbackUnavailableError('all 254 Service addresses are in use');
}

/** A /16 and port whose API server address is free. `kept` is where a restarted cluster has been: its Services have addresses there. */
export async function findFreePlace(
  kept: ApiServerPlace | undefined,
  probe: (host: string, port: number) => Promise<PortState> = probePort,
): Promise<ApiServerPlace> {
  const octets = Array.from({ length: highestOctet - lowestOctet + 1 }, (_, index) => lowestOctet + index);
  const candidates = kept === undefined ? apiServerPorts.flatMap((port) => octets.map((octet) => ({ octet, port }))) : [kept];
  for (const place of candidates) {
    const address = apiServerAddress(place);
    const state = await probe(address, place.port);
    if (state === 'free') return place;
    if (state === 'no-address') {
      throw new LoopbackUnavailableError(
        `this machine does not answer on ${address}: a local cluster needs all of 127.0.0.0/8, as Linux has it. Use Linux; a virtual machine or container with it will do.`,
      );
    }
  }
  throw new LoopbackUnavailableError(
    kept === undefined
      ? `ports ${apiServerPorts.join(', ')} are in use on all of 127.${lowestOctet}.0.1 to 127.${highestOctet}.0.1: stop the program that listens on one of them on every address`
      : `port ${kept.port} of ${apiServerAddress(kept)}, where this cluster's API server belongs, is in use: stop the program that listens there, perhaps a local cluster in another folder`,
  );
}

/** Starts something at a free place. Between looking and listening another cluster may come first: then the next place is tried. */
export async function atFreePlace<T>(kept: ApiServerPlace | undefined, start: (place: ApiServerPlace) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const place = await findFreePlace(kept);
    try {
      return await start(place);
    } catch (error) {
      const lost = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!lost || kept !== undefined || attempt === placeAttemptsMax) throw error;
    }
  }
}
