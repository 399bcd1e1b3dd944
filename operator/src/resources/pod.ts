import { dataDirectory, dataVolume, storageNodeContainer } from '@vectorcluster/crds/container-template.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { PoolTemplate, Role } from '@vectorcluster/crds/vector-cluster.ts';
import { controlledBy, type Owner } from './built-object.ts';
import { nodePorts, probePort } from './node-ports.ts';
import { nodeSelector, poolLabels } from './object-labels.ts';
import { withPodTemplate } from './pod-template.ts';

const unprivilegedUser = 65532;

const defaultGraceSeconds = 60;

/** Of the grace period: what is left when the process ends of itself, before it is killed. */
const reserveSeconds = 10;

export interface NodePodInput {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly clusterUid: string;
  readonly pool: string;
  readonly role: Role;
  readonly owner: Owner;
  readonly zone: string;
  readonly topologyKey: string;
  readonly image: string;
  readonly volumeName: string;
  readonly serviceAccountName: string;
  readonly template: PoolTemplate;
}

/** One storage node. It is pinned to its zone, because its volume cannot follow it elsewhere. */
export function buildPod(input: NodePodInput) {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: input.name,
      namespace: input.namespace,
      labels: {
        ...poolLabels(input.cluster, input.pool),
        [labels.node]: input.name,
        [labels.zone]: input.zone,
        [labels.role]: input.role,
      },
      ownerReferences: [controlledBy(input.owner)],
    },
    spec: podSpec(input),
  };
  return withPodTemplate(pod, input.template.podTemplate ?? {});
}

function graceSecondsOf({ template }: NodePodInput): number {
  return template.podTemplate?.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
}

function podSpec(input: NodePodInput) {
  const { resources, scheduling } = input.template;
  return {
    serviceAccountName: input.serviceAccountName,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: graceSecondsOf(input),
    enableServiceLinks: false,
    nodeSelector: { ...scheduling?.nodeSelector, [input.topologyKey]: input.zone },
    ...(scheduling?.tolerations && { tolerations: scheduling.tolerations }),
    ...(scheduling?.priorityClassName !== undefined && { priorityClassName: scheduling.priorityClassName }),
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: nodeSelector(input.cluster) },
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: unprivilegedUser,
      fsGroup: unprivilegedUser,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: storageNodeContainer,
        image: input.image,
        env: environment(input),
        ports: nodePorts.map(({ name, port }) => ({ name, containerPort: port })),
        volumeMounts: [{ name: dataVolume, mountPath: dataDirectory }],
        ...(resources && { resources }),
        ...probes,
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
    volumes: [{ name: dataVolume, persistentVolumeClaim: { claimName: input.volumeName } }],
  };
}

/** Damaged documents are mended before a node starts, which takes as long as it takes to copy them; a node that is killed meanwhile begins anew. */
const startSecondsMax = 6 * 3600;

/** Kubernetes' own timeout of one second makes nodes unready that are merely busy, all of them at once on a busy machine. */
const probes = {
  startupProbe: { httpGet: { path: '/startupz', port: probePort }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: startSecondsMax },
  livenessProbe: { httpGet: { path: '/livez', port: probePort }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 6 },
  readinessProbe: { httpGet: { path: '/readyz', port: probePort }, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 2 },
};

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

function environment(input: NodePodInput): readonly EnvironmentVariable[] {
  return [
    { name: 'CLUSTER_NAME', value: input.cluster },
    { name: 'CLUSTER_UID', value: input.clusterUid },
    fromField('NODE_NAME', 'metadata.name'),
    fromField('NAMESPACE', 'metadata.namespace'),
    fromField('POD_UID', 'metadata.uid'),
    fromField('POD_IP', 'status.podIP'),
    { name: 'ZONE', value: input.zone },
    { name: 'ROLE', value: input.role },
    { name: 'DATA_DIR', value: dataDirectory },
    { name: 'SHUTDOWN_GRACE_SECONDS', value: String(graceSecondsOf(input) - reserveSeconds) },
  ];
}

function fromField(name: string, fieldPath: string): EnvironmentVariable {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
