/**
 * spec.pools[].podTemplate: a part of a PodTemplateSpec that is merged into the Pods of the pool. What can be given is declared; inside of
 * containers and volumes only what is looked at.
 */
import { z } from 'zod';
import { byName, container, dataVolume, initContainer, keepsUnknown, opaque, unsafe } from './container-template.ts';
import { rules, type ValidationRule } from './structural-schema.ts';

const texts = (longest: number) => z.record(z.string(), z.string().max(longest)).meta({ maxProperties: 64 });
const reference = z.string().min(1).max(253);

function keysNot(field: string, ours: readonly string[]): ValidationRule {
  return {
    rule: `!has(self.${field}) || self.${field}.all(k, !k.startsWith('vectorcluster.io/')${ours.map((key) => ` && k != '${key}'`).join('')})`,
    message: `${field} ${['vectorcluster.io/*', ...ours].join(', ')} are the operator's: choose other keys`,
    fieldPath: `.${field}`,
  };
}

const metadata = z
  .strictObject({
    labels: texts(63).optional().describe('Labels of the Pods, beside those of the operator.'),
    annotations: texts(16_384).optional().describe('Annotations of the Pods.'),
  })
  .meta(
    rules(
      keysNot(
        'labels',
        ['name', 'instance', 'component', 'managed-by'].map((name) => `app.kubernetes.io/${name}`),
      ),
      keysNot('annotations', []),
    ),
  );

const volume = z.looseObject({ name: z.string().min(1).max(63).describe('Name of the volume.') }).meta({
  ...keepsUnknown,
  ...rules({
    rule: `self.name != '${dataVolume}'`,
    message: `volume ${dataVolume} is the one that storage of the pool asks for: choose another name`,
    fieldPath: '.name',
  }),
});

const groupOrUser = z.int().min(1);

const securityContext = z
  .strictObject({
    runAsUser: groupOrUser.describe('User of all containers; 65532 when left out.'),
    runAsGroup: groupOrUser.describe('Group of all containers.'),
    fsGroup: groupOrUser.describe('Group of the volumes; 65532 when left out.'),
    fsGroupChangePolicy: z.enum(['OnRootMismatch', 'Always']).describe('When files of the volumes get that group.'),
    supplementalGroups: z.array(groupOrUser).max(32).describe('More groups of all containers.'),
    seLinuxOptions: opaque.describe('SELinux labels of all containers.'),
  })
  .partial()
  .describe('Of the whole Pod, which never runs as root.');

const underScheduling = 'Not given here: use scheduling of the pool.';

const spec = z
  .strictObject({
    containers: z.array(container).max(8).meta(byName).describe('What storage-node gets in addition, and containers beside it.'),
    initContainers: z.array(initContainer).max(8).meta(byName).describe('Containers that run before storage-node, or beside it.'),
    volumes: z.array(volume).max(32).meta(byName).describe('Volumes beside that of the data.'),
    imagePullSecrets: z
      .array(z.strictObject({ name: reference.describe('Name of the Secret.') }))
      .max(16)
      .meta(byName)
      .describe('Secrets to pull images with.'),
    affinity: z
      .strictObject({
        nodeAffinity: opaque.describe('Kubernetes nodes to be on.'),
        podAffinity: opaque.describe('Pods to be near to.'),
        podAntiAffinity: opaque.describe('Pods to be away from.'),
      })
      .partial()
      .describe('Affinity of the Pods; beside it they stay in their zone.'),
    topologySpreadConstraints: z
      .array(z.looseObject({ topologyKey: z.string().min(1).max(317).describe('Node label to spread over.') }).meta(keepsUnknown))
      .max(8)
      .describe('Take the place of those of the operator with the same topologyKey.'),
    runtimeClassName: reference.describe('RuntimeClass of the Pods.'),
    hostAliases: z
      .array(
        z.strictObject({
          ip: z.string().max(45).describe('Address.'),
          hostnames: z.array(reference).max(32).describe('Names of it.'),
        }),
      )
      .max(32)
      .describe('Lines of /etc/hosts.'),
    dnsPolicy: z.enum(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']).describe('Whom the Pods ask for names.'),
    dnsConfig: opaque.describe('How they ask.'),
    terminationGracePeriodSeconds: z
      .int()
      .min(30)
      .max(3600)
      .describe('How long a node has to hand over and to end its requests; 60 when left out.'),
    securityContext,
    hostNetwork: z.boolean().describe(unsafe('true')),
    hostPID: z.boolean().describe(unsafe('true')),
    hostIPC: z.boolean().describe(unsafe('true')),
    nodeSelector: texts(63).describe(underScheduling),
    tolerations: z.array(opaque).max(32).describe(underScheduling),
    priorityClassName: reference.describe(underScheduling),
  })
  .partial()
  .meta(
    rules({
      rule: '!has(self.nodeSelector) && !has(self.tolerations) && !has(self.priorityClassName)',
      message: 'nodeSelector, tolerations and priorityClassName are not given here: use scheduling of the pool',
    }),
  );

export const podTemplate = z
  .strictObject({
    metadata: metadata.optional().describe('Labels and annotations.'),
    spec: spec.optional().describe('The part of a Pod spec that can be given.'),
  })
  .describe('Merged into the Pods of the pool: lists by name, and what the operator needs wins.');

export type PodTemplate = z.output<typeof podTemplate>;
export type PodTemplateSpec = z.output<typeof spec>;
