import { hostname } from 'node:os';
import { z } from 'zod';
import { operatorVersion } from './version.ts';

const environment = z.object({
  /** Namespace to watch; empty or absent: all. KUBECONFIG is read by the Kubernetes client itself. */
  WATCH_NAMESPACE: z.string().default(''),
  POD_NAME: z.string().min(1).optional(),
  POD_UID: z.string().min(1).optional(),
  /** Where the operator runs and keeps its Lease. */
  NAMESPACE: z.string().min(1).default('vectorcluster-system'),
  /** For clusters that name no image; with `spec.version` in a cluster that takes the place of the tag. */
  STORAGE_NODE_IMAGE: z.string().min(1).default(`vectorcluster/storage-node:${operatorVersion}`),
  ALLOW_UNSAFE_POD_TEMPLATES: z.enum(['true', 'false']).default('false'),
  LISTEN_HOST: z.string().min(1).default('0.0.0.0'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(9091),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface Config {
  /** Undefined: all namespaces. */
  readonly watchNamespace: string | undefined;
  readonly identity: string;
  readonly namespace: string;
  readonly storageNodeImage: string;
  /** Whether podTemplates may ask for more than the Pod security standard `restricted` gives. */
  readonly allowsUnsafePodTemplates: boolean;
  readonly listenHost: string;
  readonly metricsPort: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Throws ConfigError, which names every variable that is wrong. */
export function readConfig(variables: Readonly<Record<string, string | undefined>>, startedAt: Date): Config {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) throw new ConfigError(z.prettifyError(parsed.error));
  const {
    WATCH_NAMESPACE,
    POD_NAME,
    POD_UID,
    NAMESPACE,
    STORAGE_NODE_IMAGE,
    ALLOW_UNSAFE_POD_TEMPLATES,
    LISTEN_HOST,
    METRICS_PORT,
    LOG_LEVEL,
  } = parsed.data;
  return {
    watchNamespace: WATCH_NAMESPACE === '' ? undefined : WATCH_NAMESPACE,
    // A container that starts again in its Pod goes on with the Lease, since the one before has ended; elsewhere it cannot be told.
    identity: `${POD_NAME ?? hostname()}-${POD_UID ?? startedAt.getTime().toString(36)}`,
    namespace: NAMESPACE,
    storageNodeImage: STORAGE_NODE_IMAGE,
    allowsUnsafePodTemplates: ALLOW_UNSAFE_POD_TEMPLATES === 'true',
    listenHost: LISTEN_HOST,
    metricsPort: METRICS_PORT,
    logLevel: LOG_LEVEL,
  };
}
