import { storageNodeContainer } from '@vectorcluster/crds/container-template.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { PodFacts } from '../plan/observed-nodes.ts';
import { hashOf, templateHashAnnotation } from './hashes.ts';

/** Set by the operator when it first sees a Pod Ready: the template hash it was Ready with, and the image. */
export const firstReadyAnnotation = 'vectorcluster.io/first-ready-template';
export const firstReadyImageAnnotation = 'vectorcluster.io/first-ready-image';

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath?: string | undefined } | undefined } | undefined;
}

interface Named {
  readonly name: string;
}

/** The little of a Pod that is compared, whether it was read or built. */
export interface ComparablePod extends KubeObject {
  readonly spec?:
    | {
        readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
        readonly initContainers?: readonly Named[] | undefined;
        readonly volumes?: readonly Named[] | undefined;
        readonly containers: readonly {
          readonly name: string;
          readonly image?: string | undefined;
          readonly env?: readonly EnvironmentVariable[] | undefined;
          readonly resources?: object | undefined;
        }[];
      }
    | undefined;
}

export function podFacts(pod: ComparablePod): PodFacts {
  const container = pod.spec?.containers.find(({ name }) => name === storageNodeContainer);
  return {
    image: container?.image ?? 'missing',
    zone: pod.metadata.labels?.[labels.zone] ?? '',
    resources: JSON.stringify(container?.resources ?? {}),
    environment: new Map((container?.env ?? []).map((variable) => [variable.name, valueOf(variable)])),
    scheduling: JSON.stringify(pod.spec?.nodeSelector ?? {}),
    parts: partsOf(pod),
    templateHash: pod.metadata.annotations?.[templateHashAnnotation] ?? '',
    firstReadyImage: pod.metadata.annotations?.[firstReadyImageAnnotation],
  };
}

function named(kind: string, items: readonly Named[]): readonly string[] {
  return items.map(({ name }) => `${kind} ${name}`);
}

function keyed(kind: string, map: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(map).map(([key, value]) => `${kind} ${key}=${value}`);
}

function partsOf({ metadata, spec }: ComparablePod): readonly string[] {
  const { containers = [], initContainers = [], volumes = [] } = spec ?? {};
  return [
    ...named('container', containers),
    ...named('init container', initContainers),
    ...named('volume', volumes),
    ...keyed('label', metadata.labels),
    ...keyed('annotation', metadata.annotations).filter((part) => !part.startsWith('annotation vectorcluster.io/')),
  ];
}

function valueOf({ value, valueFrom }: EnvironmentVariable): string {
  if (valueFrom === undefined) return value ?? '';
  return valueFrom.fieldRef?.fieldPath ?? hashOf(valueFrom);
}
