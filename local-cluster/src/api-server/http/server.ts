/** HTTPS in front of the core: who asks, for what, and the answer once it is durable. */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { ApiError, badRequest, noSuchPath, unauthorized } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import type { Certificate } from '../credentials/certificates.ts';
import type { Tokens, User } from '../credentials/tokens.ts';
import { onAccessReview } from './access-reviews.ts';
import { authorize } from './authorize.ts';
import { onDiscovery } from './discovery.ts';
import { errorAnswer, send, type Answer, type Exchange } from './exchange.ts';
import { isTrue } from './query.ts';
import { onCollection, onObject } from './resource-requests.ts';
import { parseResourcePath, type ResourcePath } from './route.ts';
import { onScale } from './scale.ts';
import { onAction } from './subresources.ts';
import { streamDefaults, streamWatch, type StreamOptions } from './watch-stream.ts';

export interface HttpServerOptions {
  readonly core: ApiCore;
  readonly tokens: Tokens;
  readonly certificate: Certificate;
  readonly host: string;
  readonly port: number;
  /** Resolves when everything decided so far is durable. */
  readonly settled: () => Promise<void>;
  readonly logger: Logger;
  readonly stream?: Partial<StreamOptions>;
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

const drainTimeoutMs = 5_000;
const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { certificate, host } = options;
  const server = createServer({ key: certificate.keyPem, cert: certificate.certPem, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    void respond(options, request, response);
  });
  // Watches are long and silent; bodies have a limit of their own.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  server.listen({ host, port: options.port });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { port, [Symbol.asyncDispose]: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function respond(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = readUrl(request.url);
  const exchange = { request, response, method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, warnings: [] };
  try {
    if (healthPaths.has(url.pathname)) {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
      return;
    }
    const user = authenticated(options, request);
    const answer = await answerTo(options, { ...exchange, user });
    if (answer === undefined) return;
    await options.settled();
    send({ ...exchange, user }, answer);
  } catch (error) {
    fail(options.logger, { ...exchange, user: { name: '', groups: [] } }, error);
  }
}

/** Of a path that is none, the root, which no resource has. */
function readUrl(path = '/'): URL {
  return URL.canParse(path, 'https://localhost') ? new URL(path, 'https://localhost') : new URL('https://localhost/');
}

function fail(logger: Logger, exchange: Exchange, error: unknown): void {
  const { response, request } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(error instanceof ApiError)) logger.error({ err: error, method: exchange.method, path: exchange.path }, 'api request failed');
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', 'Internal error occurred; the log of the API server has the reason');
  // The rest of a refused body is thrown away, for so long, so that the client gets to read why.
  if (!request.complete) {
    response.setHeader('connection', 'close');
    request.resume();
    const giveUp = setTimeout(() => request.destroy(), drainTimeoutMs);
    request.once('close', () => clearTimeout(giveUp));
  }
  send(exchange, errorAnswer(known));
}

function authenticated(options: HttpServerOptions, request: IncomingMessage): User {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) throw unauthorized();
  const { core, tokens } = options;
  const user = tokens.userOf(token, core.now(), (namespace, { name, uid }) => core.podNamed(namespace, name)?.metadata.uid === uid);
  if (user === undefined) throw unauthorized();
  return user;
}

/** Undefined: the answer is a stream that has begun. */
async function answerTo(options: HttpServerOptions, exchange: Exchange): Promise<Answer | undefined> {
  const { core } = options;
  const discovered = onDiscovery(core, exchange);
  if (discovered === 'sent') return undefined;
  if (discovered !== undefined) return discovered;
  const path = parseResourcePath(exchange.path);
  if (path === undefined) throw noSuchPath();
  const review = await onAccessReview(core, exchange, path);
  if (review !== undefined) return review;
  return onResource(options, exchange, path);
}

async function onResource(options: HttpServerOptions, exchange: Exchange, path: ResourcePath): Promise<Answer | undefined> {
  const { core, tokens } = options;
  const resource = core.resource(path.apiVersion, path.plural);
  if (path.namespace !== undefined && !resource.namespaced) throw noSuchPath();
  authorize(core, exchange, resource, path);
  const { namespace, name, subresource } = path;
  const isWatch = exchange.method === 'GET' && subresource === undefined && isTrue(exchange.query.get('watch'));
  if (isWatch) {
    streamWatch(core, exchange, resource, namespace, name, { ...streamDefaults, ...options.stream });
    return undefined;
  }
  if (name === '') return onCollection(core, exchange, resource, namespace);
  if (resource.namespaced && namespace === undefined) throw badRequest('an object of this kind is in a namespace');
  const target = { resource, namespace, name };
  if (subresource === undefined || subresource === 'status') return onObject(core, exchange, target, subresource);
  if (subresource === 'scale') return onScale(core, exchange, target);
  return onAction(core, tokens, exchange, target, subresource);
}
