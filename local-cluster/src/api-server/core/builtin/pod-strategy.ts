import { forbiddenValue, requiredValue, type FieldError } from '../field-error.ts';
import { at, isObject, jsonEqual, listOf, numberOf, objectOf, textOf, type Json, type JsonObject } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { Strategy } from '../resource.ts';

const evictionTolerationSeconds = 300;

export const podStrategy: Strategy = { prepare, validate, graceSeconds };

function prepare(pod: StoredObject, old: StoredObject | undefined): void {
  if (!isObject(pod['spec'])) return;
  const spec: JsonObject = { ...pod['spec'] };
  for (const field of ['containers', 'initContainers']) if (Array.isArray(spec[field])) spec[field] = spec[field].map(withPullPolicy);
  spec['serviceAccountName'] = textOf(spec['serviceAccountName']) ?? textOf(spec['serviceAccount']) ?? 'default';
  spec['serviceAccount'] = spec['serviceAccountName'];
  if (old === undefined) {
    spec['priority'] ??= 0;
    spec['tolerations'] = withEvictionTolerations(listOf(spec['tolerations']));
    pod['status'] = { phase: 'Pending', qosClass: qosClass(spec) };
  }
  pod['spec'] = spec;
}

function withPullPolicy(container: Json): Json {
  if (!isObject(container)) return container;
  const image = textOf(container['image']) ?? '';
  const tag = /:([^/@]+)$/.exec(image)?.[1];
  const isMoving = (tag === undefined || tag === 'latest') && !image.includes('@');
  return { ...container, imagePullPolicy: container['imagePullPolicy'] ?? (isMoving ? 'Always' : 'IfNotPresent') };
}

function withEvictionTolerations(tolerations: readonly Json[]): Json[] {
  const result = [...tolerations];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const isTolerated = tolerations.some((each) => {
      const own = objectOf(each);
      return (own['key'] === key || own['key'] === undefined) && (own['effect'] === 'NoExecute' || own['effect'] === undefined);
    });
    if (!isTolerated) result.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: evictionTolerationSeconds });
  }
  return result;
}

function qosClass(spec: JsonObject): string {
  const containers = [...listOf(spec['containers']), ...listOf(spec['initContainers'])];
  const resources = containers.map((container) => objectOf(at(container, 'resources')));
  if (resources.every(isEmpty)) return 'BestEffort';
  return resources.every(isFixed) ? 'Guaranteed' : 'Burstable';
}

const isEmpty = (resources: JsonObject): boolean =>
  Object.keys(objectOf(resources['requests'])).length + Object.keys(objectOf(resources['limits'])).length === 0;

const isFixed = (resources: JsonObject): boolean =>
  ['cpu', 'memory'].every((name) => {
    const limit = at(resources, 'limits', name);
    return limit !== undefined && jsonEqual(at(resources, 'requests', name) ?? limit, limit);
  });

function validate(pod: StoredObject, old: StoredObject | undefined): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (listOf(at(pod, 'spec', 'containers')).length === 0) errors.push(requiredValue('spec.containers'));
  const volumes = new Set(listOf(at(pod, 'spec', 'volumes')).map((volume) => at(volume, 'name')));
  for (const field of ['containers', 'initContainers']) {
    listOf(at(pod, 'spec', field)).forEach((container, index) => {
      const path = `spec.${field}[${index}]`;
      if ((textOf(at(container, 'image')) ?? '') === '') errors.push(requiredValue(`${path}.image`));
      listOf(at(container, 'volumeMounts')).forEach((mount, position) => {
        const name = at(mount, 'name');
        if (!volumes.has(name))
          errors.push({ kind: 'not-found', field: `${path}.volumeMounts[${position}].name`, value: name, detail: '' });
      });
    });
  }
  if (old !== undefined && !jsonEqual(frozen(old['spec'], pod['spec']), frozen(pod['spec'], pod['spec']))) {
    const allowed =
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    errors.push(forbiddenValue('spec', allowed));
  }
  return errors;
}

/** The spec without what may change. A Pod that has no node yet may be given one. */
function frozen(spec: Json | undefined, next: Json | undefined): JsonObject {
  const { tolerations: _tolerations, activeDeadlineSeconds: _deadline, schedulingGates: _gates, ...rest } = objectOf(spec);
  const images = (field: string): Json[] => listOf(rest[field]).map((container) => ({ ...objectOf(container), image: '' }));
  const node = rest['nodeName'] ?? at(next, 'nodeName');
  return {
    ...rest,
    containers: images('containers'),
    initContainers: images('initContainers'),
    ...(node !== undefined && { nodeName: node }),
  };
}

/** A Pod that no kubelet runs goes at once. */
function graceSeconds(pod: StoredObject, asked: number | undefined): number {
  const phase = at(pod, 'status', 'phase');
  if ((textOf(at(pod, 'spec', 'nodeName')) ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, asked ?? numberOf(at(pod, 'spec', 'terminationGracePeriodSeconds')) ?? 30);
}
