/** What the process is told by its environment; read once, in main.ts. */
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const text = z.string().min(1);

const environment = z.object({
  CLUSTER_NAME: text,
  CLUSTER_UID: text,
  NODE_NAME: text,
  NAMESPACE: text,
  POD_UID: text,
  POD_IP: text,
  ZONE: z.string().default(''),
  ROLE: z.enum(['Data', 'Read']).default('Data'),
  DATA_DIR: text.default('/var/lib/vectorcluster'),
  LISTEN_HOST: text.default('0.0.0.0'),
  REST_PORT: port.default(6333),
  GRPC_PORT: port.default(6334),
  PEER_PORT: port.default(6335),
  METRICS_PORT: port.default(9090),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  SHUTDOWN_GRACE_SECONDS: z.coerce.number().min(1).max(3_600).default(50),
});

export interface Config {
  readonly cluster: string;
  readonly clusterUid: string;
  readonly namespace: string;
  readonly node: string;
  readonly podUid: string;
  readonly zone: string;
  readonly dataDirectory: string;
  readonly listenHost: string;
  readonly ports: { readonly rest: number; readonly grpc: number; readonly peer: number; readonly metrics: number };
  readonly logLevel: string;
  /** Below the Pod's terminationGracePeriodSeconds, so that the process ends by itself. */
  readonly shutdownGraceMs: number;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Throws ConfigError that names every variable that is missing or wrong. */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  const result = environment.safeParse(variables);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigError(`the environment is not complete: ${problems.join('; ')}`);
  }
  const { data } = result;
  return {
    cluster: data.CLUSTER_NAME,
    clusterUid: data.CLUSTER_UID,
    namespace: data.NAMESPACE,
    node: data.NODE_NAME,
    podUid: data.POD_UID,
    zone: data.ZONE,
    dataDirectory: data.DATA_DIR,
    listenHost: data.LISTEN_HOST,
    ports: { rest: data.REST_PORT, grpc: data.GRPC_PORT, peer: data.PEER_PORT, metrics: data.METRICS_PORT },
    logLevel: data.LOG_LEVEL,
    shutdownGraceMs: data.SHUTDOWN_GRACE_SECONDS * 1000,
  };
}
