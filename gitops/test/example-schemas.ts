/** The fields of other people's kinds that the example uses, so that a misspelt one is found. */
import { vectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import { vectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import { z } from 'zod';

const duration = z.string().regex(/^[0-9]+[smh]$/);
const reference = z.strictObject({ name: z.string(), namespace: z.string().optional() });
const sourceReference = reference.extend({ kind: z.enum(['GitRepository', 'OCIRepository']) });

const healthCheckExprs = z.array(
  z.strictObject({ apiVersion: z.string(), kind: z.string(), inProgress: z.string(), failed: z.string(), current: z.string() }),
);

const application = z.strictObject({
  project: z.string(),
  source: z.strictObject({
    repoURL: z.string(),
    targetRevision: z.string(),
    path: z.string().optional(),
    chart: z.string().optional(),
    helm: z.strictObject({ releaseName: z.string(), valuesObject: z.looseObject({}) }).optional(),
  }),
  destination: z.strictObject({ server: z.url(), namespace: z.string() }),
  syncPolicy: z.strictObject({
    automated: z.strictObject({ prune: z.boolean(), selfHeal: z.boolean() }),
    syncOptions: z.array(z.string().regex(/^(CreateNamespace|ServerSideApply)=true$/)).optional(),
  }),
});

export const kustomization = z.strictObject({
  interval: duration,
  timeout: duration,
  retryInterval: duration,
  path: z.string(),
  prune: z.boolean(),
  wait: z.literal(true, 'expressions are looked at only with wait'),
  sourceRef: sourceReference,
  dependsOn: z.array(reference).default([]),
  healthCheckExprs: healthCheckExprs.default([]),
});

const crds = z.strictObject({ crds: z.literal('Skip') });

export const helmRelease = z.strictObject({
  interval: duration,
  timeout: duration.optional(),
  chartRef: sourceReference.optional(),
  chart: z.strictObject({ spec: z.strictObject({ chart: z.string(), sourceRef: sourceReference }) }).optional(),
  dependsOn: z.array(reference).optional(),
  install: crds.optional(),
  upgrade: z.union([crds, z.strictObject({ remediation: z.strictObject({ retries: z.int() }) })]).optional(),
  driftDetection: z.strictObject({ mode: z.enum(['enabled', 'warn', 'disabled']) }).optional(),
  values: z.looseObject({}).optional(),
  waitStrategy: z.strictObject({ name: z.enum(['poller', 'legacy']) }).optional(),
  healthCheckExprs: healthCheckExprs.default([]),
});

const ociRepository = z.strictObject({
  interval: duration,
  url: z.string().startsWith('oci://'),
  ref: z.strictObject({ tag: z.string() }),
});

const cpu = z.strictObject({
  type: z.literal('Resource'),
  resource: z.strictObject({
    name: z.literal('cpu'),
    target: z.strictObject({ type: z.literal('Utilization'), averageUtilization: z.int().min(1).max(100) }),
  }),
});

export const autoscaler = z.strictObject({
  scaleTargetRef: z.strictObject({ apiVersion: z.literal('vectorcluster.io/v1'), kind: z.literal('VectorPool'), name: z.string() }),
  minReplicas: z.int(),
  maxReplicas: z.int(),
  metrics: z.array(cpu),
});

/** By kind; a kind without a spec has none. */
export const specs: Readonly<Record<string, z.ZodType>> = {
  Application: application,
  Kustomization: kustomization,
  HelmRelease: helmRelease,
  OCIRepository: ociRepository,
  HorizontalPodAutoscaler: autoscaler,
  Namespace: z.undefined(),
  VectorCluster: vectorClusterSpec,
  VectorCollection: vectorCollectionSpec,
};
