/** Whether a program could listen on an address now. */
import { createServer } from 'node:net';

/** no-address: the machine does not have that address at all. */
export type PortState = 'free' | 'in-use' | 'no-address';

export function probePort(host: string, port: number): Promise<PortState> {
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
