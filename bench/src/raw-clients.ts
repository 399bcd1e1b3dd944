/** Clients that send bytes made before and hand back bytes unread, so that little but the servers is at work. */
import { Client, credentials } from '@grpc/grpc-js';
import { Agent, request } from 'node:http';

export type Send = (body: Buffer) => Promise<Buffer>;

export interface RawClient extends Disposable {
  readonly send: Send;
}

const same = (bytes: Buffer): Buffer => bytes;

/** One connection for each caller at a time. Rejects on any status but 200. */
export function restClient(url: URL, method: 'POST' | 'PUT', more: Readonly<Record<string, string>> = {}): RawClient {
  const agent = new Agent({ keepAlive: true });
  const send: Send = async (body) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const headers = { ...more, 'content-type': 'application/json', 'content-length': body.byteLength };
    const call = request(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`${method} ${url.pathname}: ${response.statusCode} ${answer.toString().slice(0, 500)}`));
      });
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
    return await promise;
  };
  return { send, [Symbol.dispose]: () => agent.destroy() };
}

export function grpcClient(address: string, path: string): RawClient {
  const client = new Client(address, credentials.createInsecure());
  const send: Send = async (body) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    client.makeUnaryRequest(path, same, same, body, (error, response) => {
      if (error !== null) reject(error);
      else resolve(response ?? Buffer.alloc(0));
    });
    return await promise;
  };
  return { send, [Symbol.dispose]: () => client.close() };
}

/** Each call goes to the next of the clients. */
export function inTurn(clients: readonly RawClient[]): Send {
  let turn = 0;
  return async (body) => {
    const client = clients[turn++ % clients.length];
    if (client === undefined) throw new Error('there is no client');
    return await client.send(body);
  };
}
