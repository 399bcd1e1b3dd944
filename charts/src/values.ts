/** The values of the chart: the one source of values.yaml, values.schema.json and the table in its README. */
import { z } from 'zod';

const text = (description: string, value = '') => z.string().default(value).describe(description);
const flag = (description: string, value: boolean) => z.boolean().default(value).describe(description);
const texts = (description: string) => z.record(z.string(), z.string()).default({}).describe(description);

const name = z
  .string()
  .max(63)
  .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
  .default('');
const repository = z
  .string()
  .min(1)
  .regex(/^[^:@\s]+(:[0-9]+\/[^:@\s]+)?$/);
const tag = z
  .string()
  .regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/)
  .default('');
const digest = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64})?$/)
  .default('')
  .describe('Such as `sha256:…`; the tag is then for people only.');

const quantities = z.record(z.string(), z.union([z.string(), z.number()]));

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.int().optional(),
});

/** Objects whose fields the API server checks. */
const kubernetesObjects = z.array(z.looseObject({}));

const monitor = (what: string) =>
  z.strictObject({
    enabled: flag(`Makes a ${what}; its kind must be installed.`, false),
    interval: z
      .string()
      .regex(/^[0-9]+(ms|s|m)$/)
      .default('30s')
      .describe('How often Prometheus asks.'),
    labels: texts('Labels that your Prometheus selects by.'),
  });

export const valuesSchema = z.strictObject({
  global: z.looseObject({}).default({}).describe('Of a parent chart; not used.'),
  nameOverride: name.describe('Replaces `vectorcluster` in names of objects.'),
  fullnameOverride: name.describe('Name of the Deployment and of all that belongs to it. Must not end with `-node`.'),
  replicaCount: z.int().min(0).max(9).default(2).describe('One operator leads, the others wait for its Lease.'),
  image: z.strictObject({
    repository: repository.default('vectorcluster/operator').describe('Image of the operator, without tag.'),
    tag: tag.describe("The chart's appVersion when empty."),
    digest,
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When kubelets pull it.'),
    pullSecrets: z
      .array(z.strictObject({ name: z.string().min(1) }))
      .default([])
      .describe("Secrets for the operator's image, such as `[{name: registry}]`."),
  }),
  storageNode: z.strictObject({
    image: z.strictObject({
      repository: repository
        .default('vectorcluster/storage-node')
        .describe('Image of storage nodes, where a VectorCluster names no image. With `spec.version` in the cluster that is the tag.'),
      tag: tag.describe("The chart's appVersion when empty."),
      digest,
    }),
    allowUnsafePodTemplates: flag(
      'Lets `podTemplate` of a pool ask for what the Pod security standard `restricted` forbids, such as hostPath volumes. Whoever may write VectorClusters may then do so too.',
      false,
    ),
  }),
  watch: z.strictObject({
    scope: z
      .enum(['Namespace', 'Cluster'])
      .default('Namespace')
      .describe(
        '`Namespace`: VectorClusters of one namespace, with rights in it only, beside seeing Kubernetes nodes. `Cluster`: of all namespaces.',
      ),
    namespace: name.describe('Which one with scope `Namespace`; that of the release when empty.'),
  }),
  crds: z.strictObject({
    enabled: flag('Installs and upgrades the CustomResourceDefinitions. One release per Kubernetes cluster does.', true),
    keep: flag('Keeps them, and with them all clusters, and the admission policies, when the release is uninstalled.', true),
  }),
  admissionPolicies: z.strictObject({
    enabled: flag('Has the API server refuse what a storage node must not write. One release per Kubernetes cluster does.', true),
  }),
  rbac: z.strictObject({ create: flag('Makes Roles, ClusterRoles and their bindings; without, somebody else must.', true) }),
  serviceAccount: z.strictObject({
    create: flag('Makes the ServiceAccount of the operator.', true),
    name: name.describe('Its name; that of the Deployment when empty. Must not end with `-node`.'),
    annotations: texts('Its annotations.'),
  }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('From which level on the operator logs.'),
  extraEnv: z
    .array(z.strictObject({ name: z.string().min(1), value: z.string().optional(), valueFrom: z.looseObject({}).optional() }))
    .default([])
    .describe('More environment of the operator, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.'),
  resources: z
    .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
    .default({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } })
    .describe('Of the operator. Without a limit of CPU: it would only make failover slower.'),
  podAnnotations: texts("Annotations of the operator's Pods."),
  podLabels: texts("Labels of the operator's Pods."),
  nodeSelector: texts('Kubernetes nodes that the operator may run on.'),
  tolerations: z.array(toleration).default([]).describe('Taints that the operator tolerates.'),
  affinity: z.looseObject({}).default({}).describe('Affinity of the operator.'),
  topologySpreadConstraints: kubernetesObjects.default([]).describe('Over zones and Kubernetes nodes as far as possible when empty.'),
  priorityClassName: text("Of the operator's Pods, such as `system-cluster-critical`."),
  podDisruptionBudget: z.strictObject({
    enabled: flag('Lets one operator be evicted at a time. Made for more than one replica only.', true),
  }),
  networkPolicy: z.strictObject({
    enabled: flag('NetworkPolicies for the operator and, with watch scope `Namespace`, for storage nodes.', false),
    clients: kubernetesObjects.default([]).describe('Peers that may use ports 6333 and 6334 of storage nodes; all when empty.'),
    monitoring: kubernetesObjects.default([]).describe('Peers that may read metrics; all when empty.'),
    apiServerPorts: z
      .array(z.int().min(1).max(65535))
      .min(1)
      .default([443, 6443])
      .describe('Ports of the API server, to which the operator may connect.'),
    egress: kubernetesObjects.default([]).describe('More egress rules of the operator, such as to a collector of traces.'),
  }),
  metrics: z.strictObject({
    serviceMonitor: monitor('ServiceMonitor for the operator'),
    podMonitor: monitor('PodMonitor for the storage nodes'),
    dashboard: z.strictObject({
      enabled: flag('Makes a ConfigMap with a Grafana dashboard.', false),
      labels: z.record(z.string(), z.string()).default({ grafana_dashboard: '1' }).describe('Labels by which Grafana finds dashboards.'),
    }),
  }),
});
