/**
 * Merges a pool's podTemplate into a Pod that we built. Items of lists are told apart by the key they have in Kubernetes, keys of maps by
 * themselves; where both say something, what we said stays. Two things give way: the spread over a topologyKey that the template names
 * too, and users and groups. A container that is added gets what the Pod security standard `restricted` asks for, unless it says otherwise.
 */
import { storageNodeContainer, type ContainerTemplate } from '@vectorcluster/crds/container-template.ts';
import type { PodTemplate } from '@vectorcluster/crds/pod-template.ts';

export interface Named {
  readonly name: string;
}

export interface Mergeable {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly (Named & {
      readonly env: readonly Named[];
      readonly volumeMounts: readonly { readonly mountPath: string }[];
      readonly securityContext: object;
    })[];
    readonly volumes: readonly Named[];
    readonly topologySpreadConstraints: readonly { readonly topologyKey: string }[];
    readonly securityContext: object;
  };
}

export function withPodTemplate<Pod extends Mergeable>(pod: Pod, { metadata, spec = {} }: PodTemplate) {
  const { containers = [], initContainers, volumes = [], topologySpreadConstraints = [], securityContext, ...rest } = spec;
  const ours = pod.spec;
  const added = containers.filter(({ name }) => name !== storageNodeContainer).map(restricted);
  const ofStorageNode = containers.find(({ name }) => name === storageNodeContainer);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...metadata?.labels, ...pod.metadata.labels },
      ...(metadata?.annotations && { annotations: metadata.annotations }),
    },
    spec: {
      ...rest,
      ...ours,
      ...(initContainers && { initContainers: initContainers.map(restricted) }),
      containers: [...ours.containers.map((container) => (ofStorageNode ? withMore(container, ofStorageNode) : container)), ...added],
      volumes: mergedBy(({ name }) => name, ours.volumes, volumes),
      topologySpreadConstraints: mergedBy(({ topologyKey }) => topologyKey, topologySpreadConstraints, ours.topologySpreadConstraints),
      securityContext: { ...ours.securityContext, ...securityContext },
    },
  };
}

function withMore<Container extends Mergeable['spec']['containers'][number]>(container: Container, more: ContainerTemplate) {
  const { env = [], volumeMounts = [], securityContext, ...rest } = more;
  return {
    ...rest,
    ...container,
    env: mergedBy(({ name }) => name, container.env, env),
    volumeMounts: mergedBy(({ mountPath }) => mountPath, container.volumeMounts, volumeMounts),
    securityContext: { ...securityContext, ...container.securityContext },
  };
}

function restricted(container: ContainerTemplate): ContainerTemplate {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...container.securityContext };
  return { ...container, securityContext };
}

/** The first ones, and of the second ones those whose key is new. */
function mergedBy<A, B>(key: (item: A | B) => string, first: readonly A[], second: readonly B[]): readonly (A | B)[] {
  const taken = new Set(first.map(key));
  return [...first, ...second.filter((item) => !taken.has(key(item)))];
}
