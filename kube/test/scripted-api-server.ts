/** A real HTTP server on loopback whose every answer a test gives by hand, the wrong ones too. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { KubeClient, type KubeClientOptions } from '../src/client.ts';

/** One request, waiting for what the test answers. */
export class Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, body: unknown) {
    this.method = request.method ?? '';
    this.url = new URL(request.url ?? '/', 'http://server');
    this.headers = request.headers;
    this.body = body;
    this.#response = response;
  }

  get isWatch(): boolean {
    return this.url.searchParams.has('watch');
  }

  get resourceVersion(): string | null {
    return this.url.searchParams.get('resourceVersion');
  }

  json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  fail(code: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    this.json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `scripted ${reason}` }, headers);
  }

  /** As for an object that is not there. */
  missing(name: string): void {
    const details = { name, kind: 'configmaps' };
    this.json(404, {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: 404,
      reason: 'NotFound',
      message: `${name} not found`,
      details,
    });
  }

  list(resourceVersion: string, items: readonly unknown[], next?: string): void {
    this.json(200, { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion, continue: next }, items });
  }

  /** Begins a stream of events. */
  open(): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' });
    this.#response.flushHeaders();
  }

  event(type: string, object: unknown): void {
    this.raw(`${JSON.stringify({ type, object })}\n`);
  }

  raw(text: string | Buffer): void {
    this.#response.write(text);
  }

  end(): void {
    this.#response.end();
  }

  /** Ends the connection without ending the answer. */
  cut(): void {
    this.#response.destroy();
  }
}

export class ScriptedApiServer implements AsyncDisposable {
  #server: Server;
  #port = 0;
  readonly #arrived: Exchange[] = [];
  readonly #awaited: ((exchange: Exchange) => void)[] = [];

  private constructor() {
    this.#server = this.#create();
  }

  static async start(): Promise<ScriptedApiServer> {
    const server = new ScriptedApiServer();
    await server.#listen();
    return server;
  }

  /** The oldest request that was not looked at yet. */
  next(): Promise<Exchange> {
    const exchange = this.#arrived.shift();
    return exchange === undefined ? new Promise((resolve) => this.#awaited.push(resolve)) : Promise.resolve(exchange);
  }

  client(options?: KubeClientOptions): KubeClient {
    return KubeClient.fromKubeconfig(this.kubeconfig('token: scripted-token'), options);
  }

  kubeconfig(user: string): string {
    return `
current-context: test
contexts: [{name: test, context: {cluster: test, user: test, namespace: shop}}]
clusters: [{name: test, cluster: {server: "http://127.0.0.1:${this.#port}"}}]
users: [{name: test, user: {${user}}}]`;
  }

  /** From now on connections are refused and open ones are cut. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same port as before. */
  async restart(): Promise<void> {
    this.#server = this.#create();
    await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.stop();
  }

  #create(): Server {
    return createServer((request, response) => void this.#take(request, response));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const exchange = new Exchange(request, response, text === '' ? undefined : JSON.parse(text));
    const waiting = this.#awaited.shift();
    if (waiting === undefined) this.#arrived.push(exchange);
    else waiting(exchange);
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }
}

export function configMap(name: string, resourceVersion: string, data: Readonly<Record<string, string>> = {}, uid = `uid-of-${name}`) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', uid, resourceVersion }, data };
}
