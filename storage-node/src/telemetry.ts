/**
 * Traces, when OTEL_EXPORTER_OTLP_ENDPOINT says where to send them; without it the SDK is not even loaded. All other code knows the
 * OpenTelemetry API only, whose tracers start to work when the SDK does, so nothing has to be patched or loaded in a certain order.
 */
export interface Telemetry {
  /** Sends what is left. */
  stop(): Promise<void>;
}

export async function startTelemetry(environment: NodeJS.ProcessEnv): Promise<Telemetry> {
  if ((environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '') === '') return { stop: async () => {} };
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: environment['OTEL_SERVICE_NAME'] ?? 'vectorcluster-storage-node' });
  sdk.start();
  return { stop: async () => await sdk.shutdown() };
}
