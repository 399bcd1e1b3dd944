/** The public REST API on fastify: transport, envelope and errors. What the calls mean is in the route families. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { context, defaultTextMapGetter, propagation, SpanKind } from '@opentelemetry/api';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Database } from '../../coordinator/database.ts';
import { encodeSession } from '../../coordinator/session-token.ts';
import type { Session } from '../../coordinator/session.ts';
import { traced } from '../../tracing.ts';
import { edgeError, type EdgeError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import type { RequestMetrics } from '../metrics.ts';
import { consistencyHeader, readOptions, sessionHeader, type ReadOptions } from '../read-options.ts';
import { withinScope } from '../request-scope.ts';
import { stopWithin, type RunningServer } from '../running-server.ts';
import { collectionRoutes } from './collection-routes.ts';
import { timeoutParameter, type Endpoint, type RestCall } from './endpoint.ts';
import { laterRoutes } from './later-routes.ts';
import { pointRoutes } from './point-routes.ts';
import { queryRoutes } from './query-routes.ts';
import { serviceRoutes, type ServiceState } from './service-routes.ts';

export interface RestServerOptions extends ServiceState {
  readonly database: Database;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly limits: RequestLimits;
  readonly logger: Logger;
  readonly metrics: RequestMetrics;
}

/** Serves until disposed of; disposal takes no new requests and waits for those under way, but not for ever. */
export async function startRestServer(options: RestServerOptions): Promise<RunningServer> {
  const { limits } = options;
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.receiveTimeoutMs,
    http: { headersTimeout: limits.receiveTimeoutMs, connectionsCheckingInterval: Math.min(1_000, limits.receiveTimeoutMs) },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    forceCloseConnections: 'idle',
    // What comes by a connection that was accepted is answered: the client was sent here, and may not ask again.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => void sendFrameworkError(reply, error),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket),
  });
  let isLeaving = false;
  app.addHook('onRequest', async (_request, reply) => {
    if (isLeaving) void reply.header('connection', 'close');
  });
  readBodiesAsText(app);
  allowAnyOrigin(app);
  app.setErrorHandler<FastifyError>((error, _request, reply) => sendFrameworkError(reply, error));
  app.setNotFoundHandler((request, reply) => sendFailure(reply, notFound(request)));
  serviceRoutes(app, options);
  const families = [
    collectionRoutes(options.database),
    pointRoutes(options.database, limits),
    queryRoutes(options.database, limits),
    laterRoutes(),
  ];
  for (const endpoint of families.flat()) serve(app, endpoint, options);
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const stop = { drain: async () => app.close(), cut: () => app.server.closeAllConnections(), drainTimeoutMs: limits.drainTimeoutMs };
  // Each answer from now on ends its connection.
  const sendClientsAway = () => void (isLeaving = true);
  return { host: options.host, port, sendClientsAway, [Symbol.asyncDispose]: async () => stopWithin(stop) };
}

function serve(app: FastifyInstance, endpoint: Endpoint, options: RestServerOptions): void {
  const { operation } = endpoint;
  app.route<{ Params: Record<string, string>; Querystring: RestCall['query']; Body: string | undefined }>({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const start = performance.now();
      const seconds = () => (performance.now() - start) / 1000;
      try {
        const { query } = request;
        const timeoutMs = Math.min(timeoutParameter(query) ?? options.limits.timeoutMs, options.limits.maxTimeoutMs);
        const scope = { operation, timeoutMs, gone: clientGone(reply) };
        const asked = readOptionsOf(request.headers);
        const result = await withinScope(scope, async (scoped) =>
          tracedFromHeaders(request.headers, operation, async () =>
            endpoint.handle({ params: request.params, query, bodyText: request.body, context: { ...scoped, ...asked } }),
          ),
        );
        if (asked.session !== undefined) sendSession(reply, asked.session);
        return await sendJson(reply, 200, `{"result":${result},"status":"ok","time":${seconds()}}`);
      } catch (error) {
        const failure = edgeError(error);
        if (failure.bug) options.logger.error({ err: error, operation }, 'request failed');
        return await sendFailure(reply, failure, seconds());
      } finally {
        options.metrics.requestFinished({ protocol: 'rest', operation, code: String(reply.statusCode), seconds: seconds() });
      }
    },
  });
}

/** Any content type is read as JSON, later and by our own reader. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

function allowAnyOrigin(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('access-control-allow-origin', '*');
    if (request.method !== 'OPTIONS') return;
    await reply
      .header('access-control-allow-methods', 'GET, PUT, POST, PATCH, DELETE, OPTIONS')
      .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
      .code(204)
      .send();
  });
}

/** Runs the work as a child of the span that the client names in its headers. */
async function tracedFromHeaders<Result>(headers: IncomingHttpHeaders, operation: string, work: () => Promise<Result>): Promise<Result> {
  const parent = propagation.extract(context.active(), headers, defaultTextMapGetter);
  return context.with(parent, async () => traced(operation, { kind: SpanKind.SERVER }, work));
}

function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

function readOptionsOf(headers: IncomingHttpHeaders): ReadOptions {
  const text = (name: string) => headers[name]?.toString();
  return readOptions(text(consistencyHeader), text(sessionHeader));
}

function sendSession(reply: FastifyReply, session: Session): void {
  void reply.header(sessionHeader, encodeSession(session)).header('access-control-expose-headers', sessionHeader);
}

async function sendJson(reply: FastifyReply, code: number, text: string): Promise<FastifyReply> {
  return reply.code(code).header('content-type', 'application/json').send(text);
}

async function sendFailure(reply: FastifyReply, failure: Omit<EdgeError, 'grpc' | 'bug'>, seconds = 0): Promise<FastifyReply> {
  if (failure.retryAfterSeconds !== undefined) void reply.header('retry-after', String(failure.retryAfterSeconds));
  return sendJson(reply, failure.http, failureText(failure.text, seconds));
}

function failureText(text: string, seconds: number): string {
  return JSON.stringify({ status: { error: text }, time: seconds });
}

function notFound(request: FastifyRequest): Omit<EdgeError, 'grpc' | 'bug'> {
  return { http: 404, text: `Not found: there is no ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}` };
}

/** What fastify itself refuses: a body over the limit, a path that cannot be decoded. */
async function sendFrameworkError(reply: FastifyReply, error: FastifyError): Promise<FastifyReply> {
  const http = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
  return sendFailure(reply, { http, text: http === 500 ? edgeError(error).text : `Bad request: ${error.message}` });
}

/** Bytes that are not HTTP, or that stopped coming: there is no request object to answer with. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const text = failureText(
    late ? 'Timeout error: the request did not arrive in time' : 'Bad request: this is not HTTP as this server reads it',
    0,
  );
  const head = late ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${head}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}
