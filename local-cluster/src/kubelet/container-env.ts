/** The environment of a container's process: the image's, then the Pod's, with fields of the Pod filled in and volume paths rewritten. */
import type { Container, EnvVar, Pod } from '@vectorcluster/kube/types/core.ts';

/** The Pod asks for something this runtime does not have; becomes reason CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export interface EnvContext {
  readonly podIp: string;
  readonly imageEnv: Readonly<Record<string, string>>;
  /** Folder of each volume, by volume name. */
  readonly volumeFolders: ReadonlyMap<string, string>;
}

export function containerEnv(pod: Pod, container: Container, context: EnvContext): Record<string, string> {
  const env: Record<string, string> = { ...context.imageEnv };
  for (const variable of container.env ?? []) {
    env[variable.name] = rewriteMountPath(valueOf(variable, pod, context), container, context.volumeFolders);
  }
  return env;
}

/**
 * A process has no mount namespace of its own here: a value that is a mount path or lies below one becomes the volume's folder, or
 * a path below that. The longest mount path wins.
 */
export function rewriteMountPath(value: string, container: Container, volumeFolders: ReadonlyMap<string, string>): string {
  const mounts = (container.volumeMounts ?? []).toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  for (const { mountPath, name } of mounts) {
    const folder = volumeFolders.get(name);
    if (folder === undefined) throw new ContainerConfigError(`volume ${name} is mounted but is not in spec.volumes`);
    if (value === mountPath || value.startsWith(`${mountPath}/`)) return folder + value.slice(mountPath.length);
  }
  return value;
}

function valueOf(variable: EnvVar, pod: Pod, context: EnvContext): string {
  if (!variable.valueFrom) return variable.value ?? '';
  const path = variable.valueFrom.fieldRef?.fieldPath;
  if (path === undefined) throw new ContainerConfigError(`env ${variable.name}: only value and fieldRef are known to a local cluster`);
  const value = fieldOf(path, pod, context);
  if (value === undefined) throw new ContainerConfigError(`env ${variable.name}: no field ${path}`);
  return value;
}

function fieldOf(path: string, pod: Pod, context: EnvContext): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed) return pod.metadata?.[keyed[1] === 'labels' ? 'labels' : 'annotations']?.[keyed[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.metadata?.name;
    case 'metadata.namespace':
      return pod.metadata?.namespace;
    case 'metadata.uid':
      return pod.metadata?.uid;
    case 'spec.nodeName':
      return pod.spec?.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName;
    case 'status.podIP':
    case 'status.hostIP':
      return context.podIp;
    default:
      return undefined;
  }
}
