/** A container of a podTemplate: storage-node, which the operator makes and which gets more, or one beside it. */
import { z } from 'zod';
import { rules, type ValidationRule } from './structural-schema.ts';

/** Of the container that the operator makes. */
export const storageNodeContainer = 'storage-node';
export const dataVolume = 'data';
export const dataDirectory = '/var/lib/vectorcluster';

/** Environment of the storage node that is the operator's to set. */
export const reservedVariables: readonly string[] = [
  'CLUSTER_NAME',
  'CLUSTER_UID',
  'NODE_NAME',
  'NAMESPACE',
  'POD_UID',
  'POD_IP',
  'ZONE',
  'ROLE',
  'DATA_DIR',
  'SHUTDOWN_GRACE_SECONDS',
  'REST_PORT',
  'GRPC_PORT',
  'PEER_PORT',
  'METRICS_PORT',
];

/** For what Kubernetes alone understands: kept as it is, and checked by the API server when the Pod is made. */
export const keepsUnknown = { 'x-kubernetes-preserve-unknown-fields': true } as const;
export const opaque = z.looseObject({}).meta(keepsUnknown);
export const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } as const;

/** What a field must not say, see operator/src/plan/unsafe-pod-template.ts. */
export function unsafe(value: string): string {
  return `Not ${value}, unless the operator allows unsafe podTemplates.`;
}

const text = z.string().max(63);

const securityContext = z
  .looseObject({
    privileged: z.boolean().describe(unsafe('true')),
    allowPrivilegeEscalation: z.boolean().describe(`false when left out. ${unsafe('true')}`),
    runAsUser: z.int().min(0).describe(unsafe('0')),
    runAsNonRoot: z.boolean().describe(unsafe('false')),
    procMount: text.describe(unsafe('anything but Default')),
    capabilities: z
      .strictObject({
        add: z.array(text).max(64).optional().describe(unsafe('anything but NET_BIND_SERVICE')),
        drop: z.array(text).max(64).optional().describe(unsafe('a list without ALL')),
      })
      .describe('All are dropped when left out.'),
    seccompProfile: z
      .looseObject({ type: text.describe(unsafe('anything but RuntimeDefault and Localhost')) })
      .meta(keepsUnknown)
      .describe('Which system calls it may make.'),
  })
  .partial()
  .meta(keepsUnknown);

const words = z.array(z.string().max(4096)).max(64);
const variable = z.looseObject({ name: z.string().min(1).max(253).describe('Name of the variable.') }).meta(keepsUnknown);
const port = z
  .looseObject({
    containerPort: z.int32().min(1).max(65_535).describe('Port that the container listens on.'),
    hostPort: z.int32().optional().describe(unsafe('given')),
  })
  .meta(keepsUnknown);
const mount = z
  .looseObject({
    name: text.min(1).describe('Name of the volume.'),
    mountPath: z.string().min(1).max(1024).describe('Where it is in the container.'),
    readOnly: z.boolean().optional().describe('Whether it can only be read.'),
  })
  .meta(keepsUnknown);

const fields = z.looseObject({
  name: text.min(1).describe('Name of the container; storage-node is the one that the operator makes.'),
  image: z.string().max(512).optional().describe('Its image.'),
  command: words.optional().describe('What it runs, in place of what the image says.'),
  args: words.optional().describe('Arguments of what it runs.'),
  env: z.array(variable).max(64).meta(byName).optional().describe('Environment; storage-node gets it beside its own.'),
  volumeMounts: z.array(mount).max(32).optional().describe('Volumes in the container; storage-node gets them beside its data.'),
  ports: z.array(port).max(32).optional().describe('Ports of the container.'),
  resources: opaque.optional().describe('Compute resources of the container.'),
  startupProbe: opaque.optional().describe('When it has started.'),
  livenessProbe: opaque.optional().describe('When it must be started again.'),
  readinessProbe: opaque.optional().describe('When the Pod may be ready.'),
  lifecycle: opaque.optional().describe('What runs when it starts and before it ends.'),
  securityContext: securityContext.optional().describe('What it may do; restricted when left out.'),
});

/** A rule that holds for storage-node alone. */
function ofStorageNode({ rule, ...rest }: ValidationRule): ValidationRule {
  return { rule: `self.name != '${storageNodeContainer}' || (${rule})`, ...rest };
}

function notGiven(field: string, instead: string): ValidationRule {
  const message = `${field} of ${storageNodeContainer} is not given here: ${instead}`;
  return ofStorageNode({ rule: `!has(self.${field})`, message, fieldPath: `.${field}` });
}

const operatorsFields = ['command', 'args', 'ports', 'startupProbe', 'livenessProbe', 'readinessProbe', 'lifecycle'];

const othersOnlyRead: ValidationRule = {
  rule: `self.name == '${storageNodeContainer}' || !has(self.volumeMounts) || self.volumeMounts.all(m, m.name != '${dataVolume}' || (has(m.readOnly) && m.readOnly))`,
  message: `volume ${dataVolume} is written to by ${storageNodeContainer} alone: mount it with readOnly: true, or mount another volume`,
  fieldPath: '.volumeMounts',
};

export const container = fields.meta({
  ...keepsUnknown,
  ...rules(
    {
      rule: `self.name == '${storageNodeContainer}' || has(self.image)`,
      message: `image is missing: only ${storageNodeContainer}, which the operator makes, goes without; give an image`,
    },
    notGiven('image', 'use spec.image or spec.version of the VectorCluster'),
    notGiven('resources', 'use resources of the pool'),
    ofStorageNode({
      rule: operatorsFields.map((field) => `!has(self.${field})`).join(' && '),
      message: `command, args, ports, probes and lifecycle of ${storageNodeContainer} are the operator's: leave them out`,
    }),
    ofStorageNode({
      rule: `!has(self.env) || self.env.all(e, !(e.name in [${reservedVariables.map((name) => `'${name}'`).join(', ')}]))`,
      message: `env of ${storageNodeContainer} has a variable that the operator sets: leave out ${reservedVariables.join(', ')}`,
      fieldPath: '.env',
    }),
    ofStorageNode({
      rule: `!has(self.volumeMounts) || self.volumeMounts.all(m, m.mountPath != '${dataDirectory}' && !m.mountPath.startsWith('${dataDirectory}/'))`,
      message: `nothing can be mounted at or below ${dataDirectory}, where ${storageNodeContainer} keeps its data: choose another mountPath`,
      fieldPath: '.volumeMounts',
    }),
    othersOnlyRead,
  ),
});

export const initContainer = fields.meta({
  ...keepsUnknown,
  ...rules(
    {
      rule: `self.name != '${storageNodeContainer}'`,
      message: `name ${storageNodeContainer} is that of the container that the operator makes: choose another`,
      fieldPath: '.name',
    },
    othersOnlyRead,
  ),
});

export type ContainerTemplate = z.output<typeof container>;
