/** Receives what OpenTelemetry SDKs send over OTLP/HTTP as JSON. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const attribute = z.looseObject({ key: z.string(), value: z.looseObject({ stringValue: z.string().optional() }) });
const span = z.looseObject({ traceId: z.string(), spanId: z.string(), parentSpanId: z.string().optional(), name: z.string() });
const body = z.looseObject({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(span) })),
    }),
  ),
});

export interface ReceivedSpan extends z.output<typeof span> {
  readonly service: string;
  /** One of each process. */
  readonly instance: string;
}

export class TraceReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly #server = createServer((request, response) => {
    void json(request)
      .then((value) => this.#take(value))
      .finally(() => response.setHeader('content-type', 'application/json').end('{}'));
  });

  static async start(): Promise<TraceReceiver> {
    const receiver = new TraceReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get endpoint(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  #take(value: unknown): void {
    for (const { resource, scopeSpans } of body.parse(value).resourceSpans) {
      const told = (key: string): string => resource.attributes.find((each) => each.key === key)?.value.stringValue ?? '';
      const origin = { service: told('service.name'), instance: told('service.instance.id') };
      this.spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((each) => ({ ...each, ...origin })));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.resolve();
  }
}
