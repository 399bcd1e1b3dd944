/** OpenTelemetry spans. Without an SDK (see telemetry.ts) all of this does nothing and costs next to nothing. */
import { context, propagation, SpanKind, SpanStatusCode, trace, type SpanOptions } from '@opentelemetry/api';
import type { Metadata } from '@grpc/grpc-js';

const tracer = trace.getTracer('vectorcluster.storage-node');

/** Runs `work` in a span; what it throws is recorded and thrown on. */
export async function traced<Result>(name: string, options: SpanOptions, work: () => Promise<Result>): Promise<Result> {
  return await tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Runs a peer's call as a child of the caller's span. */
export async function tracedFrom<Result>(metadata: Metadata, name: string, work: () => Promise<Result>): Promise<Result> {
  const parent = propagation.extract(context.active(), metadata, {
    get: (carrier, key) => carrier.get(key).map(String),
    keys: (carrier) => Object.keys(carrier.getMap()),
  });
  return await context.with(parent, () => traced(name, { kind: SpanKind.SERVER }, work));
}

/** Adds the active span's traceparent. */
export function injectTrace(metadata: Metadata): Metadata {
  propagation.inject(context.active(), metadata, { set: (carrier, key, value) => carrier.set(key, value) });
  return metadata;
}
