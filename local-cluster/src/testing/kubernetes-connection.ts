/** Raw requests to any Kubernetes API: what the contract suite looks at, with nothing smoothed over. */
import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { at, isObject, listOf, textOf, type Json, type JsonObject } from '../api-server/core/json.ts';

export interface RequestInput {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly token?: string;
}

export interface Reply {
  readonly code: number;
  readonly body: JsonObject;
  readonly warnings: readonly string[];
}

export interface WatchEventReply {
  readonly type: string;
  readonly object: JsonObject;
}

export class KubernetesConnection {
  readonly #base: URL;
  readonly #token: string;
  readonly #agent: Agent;

  private constructor(base: URL, token: string, ca: string) {
    this.#base = base;
    this.#token = token;
    this.#agent = new Agent({ ca, keepAlive: true });
  }

  static fromKubeconfig(yaml: string): KubernetesConnection {
    const config: Json = parse(yaml);
    const cluster = at(listOf(at(config, 'clusters'))[0], 'cluster');
    const token = textOf(at(listOf(at(config, 'users'))[0], 'user', 'token')) ?? '';
    const ca = Buffer.from(textOf(at(cluster, 'certificate-authority-data')) ?? '', 'base64').toString();
    return new KubernetesConnection(new URL(textOf(at(cluster, 'server')) ?? ''), token, ca);
  }

  async request(method: string, path: string, input: RequestInput = {}): Promise<Reply> {
    const text = input.body === undefined ? undefined : JSON.stringify(input.body);
    const response = await this.#send(method, path, input, text);
    response.setEncoding('utf8');
    let received = '';
    for await (const chunk of response) received += String(chunk);
    const warnings = [response.headers['warning'] ?? []].flat();
    return { code: response.statusCode ?? 0, body: jsonOf(received), warnings };
  }

  /** Events until the reader stops or the server ends the stream. */
  async *watch(path: string, input: RequestInput = {}): AsyncGenerator<WatchEventReply, void> {
    const response = await this.#send('GET', path, input, undefined);
    try {
      if (response.statusCode !== 200) throw new Error(`the watch was refused with ${response.statusCode}`);
      for await (const line of createInterface({ input: response })) {
        const event = jsonOf(line);
        yield { type: textOf(event['type']) ?? '', object: isObject(event['object']) ? event['object'] : {} };
      }
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, input: RequestInput, text: string | undefined): Promise<IncomingMessage> {
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${input.token ?? this.#token}`,
        accept: input.accept ?? 'application/json',
        'user-agent': 'contract/1',
        ...(text !== undefined && { 'content-type': input.contentType ?? 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    };
    const sent = request(new URL(path, this.#base), options);
    const answered = once(sent, 'response');
    sent.end(text);
    const [response]: IncomingMessage[] = await answered;
    if (response === undefined) throw new Error('no response');
    return response;
  }
}

function jsonOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return { text };
  }
}
