/**
 * What of a podTemplate would let a storage node's Pod out of its isolation: what the Pod security standard `restricted` forbids. Whoever may
 * write VectorClusters could otherwise do with the operator's rights what they may not do themselves.
 */
import type { ContainerTemplate } from '@vectorcluster/crds/container-template.ts';
import type { PodTemplate, PodTemplateSpec } from '@vectorcluster/crds/pod-template.ts';
import type { Finding } from './conditions.ts';
import { listed } from './listed.ts';

interface WithPodTemplate {
  readonly name: string;
  readonly podTemplate?: PodTemplate | undefined;
}

export function unsafePodTemplate({ name, podTemplate }: WithPodTemplate, allowsUnsafe: boolean): readonly Finding[] {
  const fields = allowsUnsafe ? [] : unsafeFields(podTemplate?.spec ?? {});
  if (fields.length === 0) return [];
  const what = listed(fields.map((field) => `podTemplate.spec.${field}`));
  return [
    {
      reason: 'PodTemplateUnsafe',
      message: `spec.pools[${name}] asks for more than a storage node may do (${what}), so the pool stays as it was and no Pod is made from it; take that out, or install the operator with storageNode.allowUnsafePodTemplates=true`,
    },
  ];
}

function unsafeFields(spec: PodTemplateSpec): readonly string[] {
  return [
    ...(['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true),
    ...(spec.containers ?? []).flatMap((container) => ofContainer('containers', container)),
    ...(spec.initContainers ?? []).flatMap((container) => ofContainer('initContainers', container)),
    ...(spec.volumes ?? []).flatMap((volume) => ofVolume(volume)),
  ];
}

const securityChecks: readonly (readonly [string, (security: NonNullable<ContainerTemplate['securityContext']>) => boolean])[] = [
  ['privileged', ({ privileged }) => privileged === true],
  ['allowPrivilegeEscalation', ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation === true],
  ['capabilities.add', ({ capabilities }) => (capabilities?.add ?? []).some((capability) => capability !== 'NET_BIND_SERVICE')],
  ['capabilities.drop', ({ capabilities }) => capabilities !== undefined && capabilities.drop?.includes('ALL') !== true],
  ['runAsUser', ({ runAsUser }) => runAsUser === 0],
  ['runAsNonRoot', ({ runAsNonRoot }) => runAsNonRoot === false],
  ['procMount', ({ procMount = 'Default' }) => procMount !== 'Default'],
  [
    'seccompProfile',
    ({ seccompProfile }) => seccompProfile !== undefined && !['RuntimeDefault', 'Localhost'].includes(seccompProfile.type),
  ],
];

function ofContainer(list: string, { name, securityContext = {}, ports = [] }: ContainerTemplate): readonly string[] {
  const security = securityChecks.filter(([, isUnsafe]) => isUnsafe(securityContext)).map(([field]) => `securityContext.${field}`);
  const onHost = ports.some(({ hostPort }) => hostPort !== undefined && hostPort !== 0) ? ['ports.hostPort'] : [];
  return [...security, ...onHost].map((field) => `${list}[${name}].${field}`);
}

const harmlessVolumes: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

function ofVolume({ name, ...source }: NonNullable<PodTemplateSpec['volumes']>[number]): readonly string[] {
  return Object.keys(source)
    .filter((kind) => !harmlessVolumes.has(kind))
    .map((kind) => `volumes[${name}].${kind}`);
}
