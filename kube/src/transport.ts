/** HTTP to one API server: kept-alive connections, the current credentials on each request, a time limit on each answer. */
import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Connection } from './connection.ts';
import { apiErrorFrom, unavailable, UnauthorizedError } from './errors.ts';
import type { ClientMetrics } from './metrics.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** What it is about, such as `pods`, for metrics. */
  readonly resource: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Calls in flight at once; more wait for a connection. Watches have their own connections. */
const maxConnections = 64;
const idleConnectionMs = 30_000;
/** A watch only listens: one whose server is gone without a word would listen on. TCP asks after this, and gives up 10 s later. */
const askedAfterMs = 5_000;

export class Transport implements Disposable {
  readonly #connection: Connection;
  readonly #userAgent: string;
  readonly #requestTimeoutMs: number;
  readonly #metrics: ClientMetrics;
  readonly #calls: HttpAgent | HttpsAgent;
  readonly #streams: HttpAgent | HttpsAgent;

  constructor(
    connection: Connection,
    options: { readonly userAgent: string; readonly requestTimeoutMs: number; readonly metrics: ClientMetrics },
  ) {
    this.#connection = connection;
    this.#userAgent = options.userAgent;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#metrics = options.metrics;
    const secure = connection.server.protocol === 'https:';
    const kept = { keepAlive: true, maxSockets: maxConnections, timeout: idleConnectionMs };
    this.#calls = secure ? new HttpsAgent({ ...kept, ...tlsOptions(connection) }) : new HttpAgent(kept);
    this.#streams = secure ? new HttpsAgent({ keepAlive: false, ...tlsOptions(connection) }) : new HttpAgent({ keepAlive: false });
  }

  /** The parsed body of a 2xx answer; anything else throws an ApiError. */
  async call(call: HttpCall): Promise<unknown> {
    const limit = AbortSignal.timeout(this.#requestTimeoutMs);
    const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
    try {
      const response = await this.#authorized({ ...call, signal }, this.#calls);
      return parseBody(await readAll(response));
    } catch (error) {
      if (call.signal?.aborted === true) throw call.signal.reason;
      if (limit.aborted) throw unavailable(`${call.method} ${call.path}`, new Error(`no answer within ${this.#requestTimeoutMs} ms`));
      throw error;
    }
  }

  /** The answer as soon as its head is there; the body is the caller's. `signal` ends both. */
  stream(path: string, resource: string, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#authorized({ method: 'GET', path, resource, signal }, this.#streams);
  }

  [Symbol.dispose](): void {
    this.#calls.destroy();
    this.#streams.destroy();
  }

  async #authorized(call: HttpCall, agent: HttpAgent): Promise<IncomingMessage> {
    try {
      return await this.#send(call, agent);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      this.#connection.credentials.refused();
      return await this.#send(call, agent);
    }
  }

  async #send(call: HttpCall, agent: HttpAgent): Promise<IncomingMessage> {
    const authorization = await this.#connection.credentials.authorization();
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const { server } = this.#connection;
    const options: RequestOptions = {
      agent,
      method: call.method,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? (server.protocol === 'https:' ? 443 : 80) : server.port,
      path: `${server.pathname.replace(/\/$/, '')}${call.path}`,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json', 'content-length': body.length }),
      },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
    const startedAt = performance.now();
    let status = 0;
    let response: IncomingMessage;
    try {
      response = await this.#exchange(options, body);
      status = response.statusCode ?? 0;
    } finally {
      this.#metrics.answered({ method: call.method, resource: call.resource, status, tookMs: performance.now() - startedAt });
    }
    if (status >= 200 && status < 300) return response;
    throw apiErrorFrom(status, parseError(await readAll(response)), retryAfterSeconds(response));
  }

  async #exchange(options: RequestOptions, body: Buffer | undefined): Promise<IncomingMessage> {
    const request = (this.#connection.server.protocol === 'https:' ? httpsRequest : httpRequest)(options);
    // An error after the head, even in the same packet, is seen by whoever reads the body: here it must not end the process.
    request.on('error', () => {});
    request.once('socket', (socket) => socket.setKeepAlive(true, askedAfterMs));
    try {
      request.end(body);
      const [response]: IncomingMessage[] = await once(request, 'response');
      if (response === undefined) throw new Error('no response');
      return response;
    } catch (cause) {
      // An idle connection that the server closed as we wrote: reading again on a new one is safe, writing is not.
      if (request.reusedSocket && options.method === 'GET' && options.signal?.aborted !== true) return this.#exchange(options, body);
      throw unavailable(`${options.method} ${options.path} at ${this.#connection.server.host}`, cause);
    }
  }
}

function tlsOptions(connection: Connection): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(connection.tls).filter(([, value]) => value !== undefined));
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  } catch (cause) {
    throw unavailable('the answer of the API server broke off', cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw unavailable('the answer of the API server is not JSON', cause);
  }
}

/** Proxies and a server that is shutting down answer errors in plain text. */
function parseError(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim().slice(0, 1024) || undefined };
  }
}

function retryAfterSeconds(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
