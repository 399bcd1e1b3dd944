/**
 * Starts the OpenTelemetry SDK when OTEL_EXPORTER_OTLP_ENDPOINT is set. Everything else uses @opentelemetry/api alone, so this file is
 * the first import of main.ts, and may also be given to `node --import`.
 */
const endpoint = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
/** Whether spans are sent. */
export const isTracing = endpoint !== undefined && endpoint !== '';

if (isTracing) {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: 'vectorcluster-operator' });
  sdk.start();
  process.once('beforeExit', () => void sdk.shutdown());
}
