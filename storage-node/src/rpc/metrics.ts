import { Histogram, type Registry } from 'prom-client';

export interface FinishedRequest {
  readonly protocol: 'rest' | 'grpc';
  /** Name of the call, never of a collection. */
  readonly operation: string;
  /** HTTP status, or name of the gRPC status. */
  readonly code: string;
  readonly seconds: number;
}

export interface RequestMetrics {
  requestFinished(request: FinishedRequest): void;
}

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const duration = new Histogram({
    name: 'vectorcluster_request_duration_seconds',
    help: 'Time from the arrival of a client request to its answer.',
    labelNames: ['protocol', 'operation', 'code'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers: [registry],
  });
  return {
    requestFinished: ({ protocol, operation, code, seconds }) => duration.observe({ protocol, operation, code }, seconds),
  };
}
