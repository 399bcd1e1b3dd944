import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { grpcClient, restClient, type RawClient } from './raw-clients.ts';
import type { Protocol } from './requests.ts';

const ports = z.object({ restPort: z.int(), grpcPort: z.int() });

/** A process of its own, so that its CPU time can be told. */
export class EchoServers implements AsyncDisposable {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #ports: z.output<typeof ports>;

  private constructor(child: ChildProcess, listening: z.output<typeof ports>) {
    this.#process = child;
    this.pid = child.pid ?? 0;
    this.#ports = listening;
  }

  static async start(answerBytes: number): Promise<EchoServers> {
    const child = fork(fileURLToPath(new URL('echo-server.ts', import.meta.url)), [String(answerBytes)]);
    const [message]: unknown[] = await once(child, 'message');
    return new EchoServers(child, ports.parse(message));
  }

  client(protocol: Protocol): RawClient {
    const { restPort, grpcPort } = this.#ports;
    return protocol === 'rest'
      ? restClient(new URL(`http://127.0.0.1:${restPort}/echo`), 'POST')
      : grpcClient(`127.0.0.1:${grpcPort}`, '/bench.Echo/Echo');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }
}
