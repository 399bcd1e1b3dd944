/** One HTTP request and its answer. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { parse } from 'yaml';
import { ApiError, badRequest, bodyTooLarge, unsupportedMediaType } from '../core/api-error.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { protobufType, readProtobuf } from './protobuf.ts';
import type { User } from '../credentials/tokens.ts';

export const bodyLimitBytes = 3 * 1024 * 1024;
const depthLimit = 500;
const bodyTimeoutMs = 30_000;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: User;
  /** Texts for Warning headers. */
  readonly warnings: string[];
}

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
}

export const ok = (body: JsonObject): Answer => ({ code: 200, body });
export const createdAnswer = (body: JsonObject): Answer => ({ code: 201, body });

export function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

export async function readBody(exchange: Exchange): Promise<Json | undefined> {
  const { request } = exchange;
  const chunks: Buffer[] = [];
  let size = 0;
  const timeout = setTimeout(() => request.destroy(), bodyTimeoutMs);
  try {
    for await (const chunk of request) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
      chunks.push(bytes);
    }
  } finally {
    clearTimeout(timeout);
  }
  if (size === 0) return undefined;
  const bytes = Buffer.concat(chunks);
  const type = contentType(request);
  return type === protobufType ? readProtobuf(bytes) : decodeText(bytes.toString('utf8'), type);
}

export function decodeText(text: string, type: string): Json {
  let value: unknown;
  try {
    value = type.endsWith('yaml') && !/^\s*[{[]/.test(text) ? parse(text, { maxAliasCount: 100 }) : JSON.parse(text);
  } catch (cause) {
    throw badRequest(`couldn't decode the request body: ${cause instanceof Error ? cause.message : 'unreadable'}`);
  }
  return checked(value, 0);
}

/** Refuses what is too deep to walk, and names that would reach an object's prototype. */
function checked(value: unknown, depth: number): Json {
  if (depth > depthLimit) throw badRequest('the request body exceeds the maximum depth');
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((item) => checked(item, depth + 1));
  if (!isObject(value)) throw badRequest('the request body holds a value that JSON cannot');
  if (Object.hasOwn(value, '__proto__')) throw badRequest('a field must not be named __proto__');
  for (const item of Object.values(value)) checked(item, depth + 1);
  return value;
}

export async function readObjectBody(exchange: Exchange): Promise<JsonObject> {
  const type = contentType(exchange.request);
  if (!['', 'application/json', 'application/yaml', protobufType].includes(type))
    throw unsupportedMediaType(type, ['application/json', 'application/yaml']);
  const body = await readBody(exchange);
  if (!isObject(body)) throw badRequest('the request body must be an object');
  return body;
}

export function send(exchange: Exchange, answer: Answer, type = 'application/json'): void {
  const { response } = exchange;
  const text = Buffer.from(`${JSON.stringify(answer.body)}\n`);
  const warnings = exchange.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`);
  const headers: OutgoingHttpHeaders = {
    'content-type': type,
    'content-length': text.length,
    'cache-control': 'no-cache, private',
  };
  if (warnings.length > 0) response.setHeader('warning', warnings);
  if (answer.code === 401) headers['www-authenticate'] = 'Bearer';
  const details = isObject(answer.body['details']) ? answer.body['details'] : {};
  if (typeof details['retryAfterSeconds'] === 'number') headers['retry-after'] = String(details['retryAfterSeconds']);
  response.writeHead(answer.code, headers).end(text);
}

export function errorAnswer(error: ApiError): Answer {
  return { code: error.code, body: error.toStatus() };
}
