/**
 * The cluster's network: one /16 of the loopback range. Linux answers on every address of 127.0.0.0/8, so each Pod has an address of
 * its own and listens on the same ports as in a real cluster.
 *
 *   127.X.0.1      API server
 *   127.X.1-99.n   Pods
 *   127.X.200.n    Services
 */
import { createServer } from 'node:net';

export interface LoopbackNetwork {
  /** Second byte of every address, 16 to 250. */
  readonly octet: number;
}

export class LoopbackUnavailableError extends Error {
  override readonly name = 'LoopbackUnavailableError';
}

const lowestOctet = 16;
const highestOctet = 250;
export const apiServerPort = 6443;

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

/** Finds a /16 whose API server address is free; `preferred` is tried first, so that a restarted cluster keeps its addresses. */
export async function findFreeNetwork(preferred: number | undefined): Promise<LoopbackNetwork> {
  const octets = Array.from({ length: highestOctet - lowestOctet + 1 }, (_, index) => lowestOctet + index);
  for (const octet of preferred === undefined ? octets : [preferred]) {
    const network = { octet };
    const outcome = await tryListen(apiServerAddress(network), apiServerPort);
    if (outcome === 'free') return network;
    if (outcome === 'no-address') {
      throw new LoopbackUnavailableError(
        `this machine does not answer on ${apiServerAddress(network)}: a local cluster needs the loopback range 127.0.0.0/8, which Linux has; elsewhere add an alias for each address first`,
      );
    }
  }
  throw new LoopbackUnavailableError(
    preferred === undefined
      ? `port ${apiServerPort} is in use on every loopback network tried: stop other local clusters first`
      : `port ${apiServerPort} of ${apiServerAddress({ octet: preferred })} is in use: is this local cluster running already?`,
  );
}

function tryListen(host: string, port: number): Promise<'free' | 'in-use' | 'no-address'> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('in-use');
      else if (error.code === 'EADDRNOTAVAIL') resolve('no-address');
      else reject(error);
    });
    server.listen(port, host, () => server.close(() => resolve('free')));
  });
}
