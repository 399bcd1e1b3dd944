/** Schemas of the built-in kinds other than Pod. */
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
  objectReference,
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

const microTime: Schema = { type: 'string' };

export const namespace = root({ spec: struct({ finalizers: list(text) }), status: struct({ phase: text, conditions }) });

export const node = root({
  spec: struct({
    podCIDR: text,
    podCIDRs: setOf(text),
    providerID: text,
    unschedulable: flag,
    taints: list(struct({ key: text, value: text, effect: text, timeAdded: time }, ['key', 'effect'])),
    configSource: open,
    externalID: text,
  }),
  status: struct({
    capacity: quantityMap,
    allocatable: quantityMap,
    phase: text,
    conditions,
    addresses: listMap(['type'], struct({ type: text, address: text }, ['type', 'address'])),
    daemonEndpoints: open,
    nodeInfo: open,
    images: list(open),
    volumesInUse: list(text),
    volumesAttached: list(open),
    config: open,
    runtimeHandlers: list(open),
    features: open,
  }),
});

const servicePort = struct(
  { name: text, port: integer, protocol: withDefault(text, 'TCP'), targetPort: intOrText, nodePort: integer, appProtocol: text },
  ['port'],
);

export const service = root({
  spec: struct({
    type: withDefault(oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'), 'ClusterIP'),
    selector: atomic(textMap),
    ports: listMap(['port', 'protocol'], servicePort, 'port'),
    clusterIP: text,
    clusterIPs: list(text),
    ipFamilies: list(text),
    ipFamilyPolicy: text,
    sessionAffinity: withDefault(text, 'None'),
    sessionAffinityConfig: open,
    publishNotReadyAddresses: flag,
    internalTrafficPolicy: withDefault(text, 'Cluster'),
    externalTrafficPolicy: text,
    externalIPs: list(text),
    externalName: text,
    loadBalancerIP: text,
    loadBalancerClass: text,
    loadBalancerSourceRanges: list(text),
    allocateLoadBalancerNodePorts: flag,
    healthCheckNodePort: integer,
    trafficDistribution: text,
  }),
  status: struct({ loadBalancer: withDefault(open, {}), conditions }),
});

export const endpoints = root({ subsets: list(open) });

const endpoint = struct({
  addresses: setOf(text),
  conditions: struct({ ready: flag, serving: flag, terminating: flag }),
  hostname: text,
  targetRef: objectReference,
  nodeName: text,
  zone: text,
  hints: open,
  deprecatedTopology: textMap,
});
const endpointPort = struct({ name: text, protocol: withDefault(text, 'TCP'), port: integer, appProtocol: text });
export const endpointSlice = root({ addressType: oneOf('IPv4', 'IPv6', 'FQDN'), endpoints: list(endpoint), ports: list(endpointPort) }, [
  'addressType',
]);

export const configMap = root({ data: textMap, binaryData: textMap, immutable: flag });
export const secret = root({
  data: { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
  stringData: textMap,
  type: withDefault(text, 'Opaque'),
  immutable: flag,
});
export const serviceAccount = root({
  secrets: listMap(['name'], { ...objectReference, properties: { ...objectReference.properties } }),
  imagePullSecrets: list(localReference),
  automountServiceAccountToken: flag,
});

const claimSpec = struct({
  accessModes: list(text),
  resources: struct({ requests: quantityMap, limits: quantityMap }),
  storageClassName: text,
  volumeMode: withDefault(text, 'Filesystem'),
  volumeName: text,
  selector: labelSelector,
  dataSource: open,
  dataSourceRef: open,
  volumeAttributesClassName: text,
});
export const persistentVolumeClaim = root({
  spec: claimSpec,
  status: struct({
    phase: text,
    accessModes: list(text),
    capacity: quantityMap,
    conditions,
    allocatedResources: quantityMap,
    allocatedResourceStatuses: textMap,
    currentVolumeAttributesClassName: text,
    modifyVolumeStatus: open,
  }),
});

const volumeSpec: Schema = {
  ...struct({
    capacity: quantityMap,
    accessModes: list(text),
    persistentVolumeReclaimPolicy: withDefault(text, 'Retain'),
    storageClassName: text,
    volumeMode: withDefault(text, 'Filesystem'),
    claimRef: { ...objectReference, mapType: 'granular' },
    mountOptions: list(text),
    nodeAffinity: open,
    volumeAttributesClassName: text,
  }),
  preserveUnknownFields: true,
};
export const persistentVolume = root({
  spec: volumeSpec,
  status: struct({ phase: text, message: text, reason: text, lastPhaseTransitionTime: time }),
});

export const event = root(
  {
    involvedObject: objectReference,
    reason: text,
    message: text,
    source: struct({ component: text, host: text }),
    firstTimestamp: time,
    lastTimestamp: time,
    count: integer,
    type: text,
    eventTime: microTime,
    series: struct({ count: integer, lastObservedTime: microTime }),
    action: text,
    related: objectReference,
    reportingComponent: withDefault(text, ''),
    reportingInstance: withDefault(text, ''),
  },
  ['involvedObject'],
);

export const podDisruptionBudget = root({
  spec: struct({ minAvailable: intOrText, maxUnavailable: intOrText, selector: labelSelector, unhealthyPodEvictionPolicy: text }),
  status: struct({
    conditions,
    currentHealthy: integer,
    desiredHealthy: integer,
    disruptionsAllowed: integer,
    expectedPods: integer,
    disruptedPods: { type: 'object', additionalProperties: text },
    observedGeneration: long,
  }),
});

export const lease = root({
  spec: struct({
    holderIdentity: text,
    leaseDurationSeconds: integer,
    acquireTime: microTime,
    renewTime: microTime,
    leaseTransitions: integer,
    strategy: text,
    preferredHolder: text,
  }),
});

const rule = struct(
  { verbs: list(text), apiGroups: list(text), resources: list(text), resourceNames: list(text), nonResourceURLs: list(text) },
  ['verbs'],
);
const subject = atomic(struct({ kind: text, apiGroup: text, name: text, namespace: text }, ['kind', 'name']));
const roleRef = atomic(struct({ apiGroup: withDefault(text, 'rbac.authorization.k8s.io'), kind: text, name: text }, ['kind', 'name']));
export const role = root({ rules: list(rule), aggregationRule: open });
export const roleBinding = root({ subjects: list(subject), roleRef }, ['roleRef']);

export const priorityClass = root({
  value: integer,
  globalDefault: flag,
  description: text,
  preemptionPolicy: withDefault(text, 'PreemptLowerPriority'),
});
export const storageClass = root(
  {
    provisioner: text,
    parameters: textMap,
    reclaimPolicy: withDefault(text, 'Delete'),
    volumeBindingMode: withDefault(text, 'Immediate'),
    mountOptions: list(text),
    allowVolumeExpansion: flag,
    allowedTopologies: list(open),
  },
  ['provisioner'],
);

const schemaProperties: Schema = { type: 'object', preserveUnknownFields: true };
const names = struct({ plural: text, singular: text, kind: text, listKind: text, shortNames: list(text), categories: list(text) }, [
  'plural',
  'kind',
]);
const version = struct(
  {
    name: text,
    served: flag,
    storage: flag,
    deprecated: flag,
    deprecationWarning: text,
    schema: struct({ openAPIV3Schema: schemaProperties }),
    subresources: struct({
      status: open,
      scale: struct({ specReplicasPath: text, statusReplicasPath: text, labelSelectorPath: text }, [
        'specReplicasPath',
        'statusReplicasPath',
      ]),
    }),
    additionalPrinterColumns: list(
      struct({ name: text, type: text, format: text, description: text, priority: integer, jsonPath: text }, ['name', 'type', 'jsonPath']),
    ),
    selectableFields: list(struct({ jsonPath: text }, ['jsonPath'])),
  },
  ['name', 'served', 'storage'],
);
export const customResourceDefinition = root(
  {
    spec: struct(
      {
        group: text,
        names,
        scope: oneOf('Cluster', 'Namespaced'),
        versions: listMap(['name'], version),
        conversion: withDefault(open, { strategy: 'None' }),
        preserveUnknownFields: flag,
      },
      ['group', 'names', 'scope', 'versions'],
    ),
    status: struct({ acceptedNames: names, conditions, storedVersions: list(text) }),
  },
  ['spec'],
);
