/** PodSpec and PodStatus: every field by name, the values of rarely used ones left open. */
import type { Schema } from '../schema/schema.ts';
import {
  atomic,
  conditions,
  flag,
  integer,
  intOrText,
  labelSelector,
  list,
  listMap,
  localReference,
  long,
  oneOf,
  open,
  quantityMap,
  root,
  setOf,
  struct,
  text,
  textMap,
  time,
  withDefault,
} from './schemas.ts';

const portOf = struct(
  { port: intOrText, host: text, path: text, scheme: withDefault(text, 'HTTP'), httpHeaders: list(struct({ name: text, value: text })) },
  ['port'],
);
const handler = {
  httpGet: portOf,
  tcpSocket: struct({ port: intOrText, host: text }, ['port']),
  exec: struct({ command: list(text) }),
  grpc: struct({ port: integer, service: withDefault(text, '') }, ['port']),
};

const probe = struct({
  ...handler,
  initialDelaySeconds: integer,
  periodSeconds: withDefault(integer, 10),
  timeoutSeconds: withDefault(integer, 1),
  successThreshold: withDefault(integer, 1),
  failureThreshold: withDefault(integer, 3),
  terminationGracePeriodSeconds: long,
});

const keyReference = atomic(struct({ name: text, key: text, optional: flag }, ['key']));

const environment = struct(
  {
    name: text,
    value: text,
    valueFrom: struct({
      fieldRef: atomic(struct({ apiVersion: withDefault(text, 'v1'), fieldPath: text }, ['fieldPath'])),
      resourceFieldRef: atomic(open),
      secretKeyRef: keyReference,
      configMapKeyRef: keyReference,
      fileKeyRef: open,
    }),
  },
  ['name'],
);

const port = struct({ name: text, containerPort: integer, hostPort: integer, hostIP: text, protocol: withDefault(text, 'TCP') }, [
  'containerPort',
]);

const resources = struct({
  requests: quantityMap,
  limits: quantityMap,
  claims: listMap(['name'], struct({ name: text, request: text }, ['name'])),
});

const container = struct(
  {
    name: text,
    image: text,
    imagePullPolicy: text,
    command: list(text),
    args: list(text),
    workingDir: text,
    env: listMap(['name'], environment),
    envFrom: list(open),
    ports: listMap(['containerPort', 'protocol'], port, 'containerPort'),
    resources: withDefault(resources, {}),
    resizePolicy: list(open),
    restartPolicy: text,
    restartPolicyRules: list(open),
    volumeMounts: listMap(
      ['mountPath'],
      struct(
        { name: text, mountPath: text, subPath: text, subPathExpr: text, readOnly: flag, recursiveReadOnly: text, mountPropagation: text },
        ['name', 'mountPath'],
      ),
    ),
    volumeDevices: listMap(['devicePath'], struct({ name: text, devicePath: text }, ['name', 'devicePath'])),
    startupProbe: probe,
    livenessProbe: probe,
    readinessProbe: probe,
    lifecycle: struct({ preStop: open, postStart: open, stopSignal: text }),
    terminationMessagePath: withDefault(text, '/dev/termination-log'),
    terminationMessagePolicy: withDefault(oneOf('File', 'FallbackToLogsOnError'), 'File'),
    securityContext: open,
    stdin: flag,
    stdinOnce: flag,
    tty: flag,
  },
  ['name'],
);

const volumeSources = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'downwardAPI',
  'fc',
  'azureFile',
  'azureDisk',
  'vsphereVolume',
  'quobyte',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'csi',
  'ephemeral',
  'image',
  'projected',
];

const volume = struct(
  {
    name: text,
    emptyDir: struct({ medium: text, sizeLimit: intOrText }),
    secret: struct({ secretName: text, items: list(open), defaultMode: withDefault(integer, 420), optional: flag }),
    configMap: struct({ name: text, items: list(open), defaultMode: withDefault(integer, 420), optional: flag }),
    persistentVolumeClaim: struct({ claimName: text, readOnly: flag }, ['claimName']),
    ...Object.fromEntries(volumeSources.map((name) => [name, open])),
  },
  ['name'],
);

const toleration = struct({ key: text, operator: text, value: text, effect: text, tolerationSeconds: long });

const spread = struct(
  {
    maxSkew: integer,
    topologyKey: text,
    whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
    labelSelector,
    minDomains: integer,
    nodeAffinityPolicy: text,
    nodeTaintsPolicy: text,
    matchLabelKeys: list(text),
  },
  ['maxSkew', 'topologyKey', 'whenUnsatisfiable'],
);

export const podSpec: Schema = struct(
  {
    containers: listMap(['name'], container),
    initContainers: listMap(['name'], container),
    ephemeralContainers: listMap(['name'], { ...container, preserveUnknownFields: true }),
    volumes: listMap(['name'], volume),
    restartPolicy: withDefault(oneOf('Always', 'OnFailure', 'Never'), 'Always'),
    terminationGracePeriodSeconds: withDefault(long, 30),
    activeDeadlineSeconds: long,
    dnsPolicy: withDefault(oneOf('ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'), 'ClusterFirst'),
    dnsConfig: open,
    nodeSelector: atomic(textMap),
    serviceAccountName: text,
    serviceAccount: text,
    automountServiceAccountToken: flag,
    nodeName: text,
    hostNetwork: flag,
    hostPID: flag,
    hostIPC: flag,
    hostUsers: flag,
    shareProcessNamespace: flag,
    securityContext: withDefault(open, {}),
    imagePullSecrets: listMap(['name'], localReference),
    hostname: text,
    hostnameOverride: text,
    subdomain: text,
    affinity: open,
    schedulerName: withDefault(text, 'default-scheduler'),
    tolerations: list(toleration),
    hostAliases: listMap(['ip'], struct({ ip: text, hostnames: list(text) }, ['ip'])),
    priorityClassName: text,
    priority: integer,
    preemptionPolicy: withDefault(text, 'PreemptLowerPriority'),
    readinessGates: list(open),
    runtimeClassName: text,
    enableServiceLinks: withDefault(flag, true),
    overhead: quantityMap,
    topologySpreadConstraints: listMap(['topologyKey', 'whenUnsatisfiable'], spread, 'topologyKey'),
    setHostnameAsFQDN: flag,
    os: open,
    schedulingGates: listMap(['name'], struct({ name: text }, ['name'])),
    resourceClaims: listMap(['name'], { ...open, properties: { name: text }, required: ['name'] }),
    resources,
  },
  ['containers'],
);

const containerStatus: Schema = { type: 'object', preserveUnknownFields: true };

export const podStatus: Schema = struct({
  phase: text,
  conditions,
  message: text,
  reason: text,
  nominatedNodeName: text,
  hostIP: text,
  hostIPs: list(open),
  podIP: text,
  podIPs: listMap(['ip'], struct({ ip: text }, ['ip'])),
  startTime: time,
  containerStatuses: list(containerStatus),
  initContainerStatuses: list(containerStatus),
  ephemeralContainerStatuses: list(containerStatus),
  qosClass: text,
  resize: text,
  resourceClaimStatuses: setOf(open),
  observedGeneration: long,
});

export const podSchema = root({ spec: podSpec, status: podStatus }, ['spec']);
