import { labels } from '@vectorcluster/crds/labels.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { PodFacts } from '../plan/observed-nodes.ts';
import { containerName } from '../resources/pod.ts';
import { hashOf, templateHashAnnotation } from './hashes.ts';

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath?: string | undefined } | undefined } | undefined;
}

/** The little of a Pod that is compared, whether it was read or built. */
export interface ComparablePod extends KubeObject {
  readonly spec?:
    | {
        readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
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
  const container = pod.spec?.containers.find(({ name }) => name === containerName);
  return {
    image: container?.image ?? 'missing',
    zone: pod.metadata.labels?.[labels.zone] ?? '',
    resources: JSON.stringify(container?.resources ?? {}),
    environment: new Map((container?.env ?? []).map((variable) => [variable.name, valueOf(variable)])),
    scheduling: JSON.stringify(pod.spec?.nodeSelector ?? {}),
    templateHash: pod.metadata.annotations?.[templateHashAnnotation] ?? '',
  };
}

function valueOf({ value, valueFrom }: EnvironmentVariable): string {
  if (valueFrom === undefined) return value ?? '';
  return valueFrom.fieldRef?.fieldPath ?? hashOf(valueFrom);
}
