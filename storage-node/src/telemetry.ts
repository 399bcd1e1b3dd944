/**
 * Traces, when OTEL_EXPORTER_OTLP_ENDPOINT says where to send them; without it the SDK is not even loaded. All other code knows the
 * OpenTelemetry API only, whose tracers start to work when the SDK does, so nothing has to be patched or loaded in a certain order.
 */
if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined) {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'vectorcluster-storage-node' });
  sdk.start();
  process.once('beforeExit', () => void sdk.shutdown());
}

export {};
