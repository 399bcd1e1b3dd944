/** Where the other built-in kinds differ from plain objects. */
import { forbiddenValue, invalidValue, type FieldError } from '../field-error.ts';
import { at, isObject, jsonEqual, listOf, objectOf, stringMap, textOf, type JsonObject } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { Strategy } from '../resource.ts';

export const namespaceStrategy: Strategy = {
  nameCheck: 'label',
  prepare: (namespace, old) => {
    namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name };
    if (old !== undefined) {
      namespace['spec'] = old['spec'] ?? {};
      return;
    }
    namespace['spec'] = { finalizers: ['kubernetes'] };
    namespace['status'] = { phase: 'Active' };
  },
  staysWhenDeleted: (namespace) => listOf(at(namespace, 'spec', 'finalizers')).length > 0,
  markDeleted: (namespace) => {
    namespace['status'] = { phase: 'Terminating' };
  },
};

export interface ServiceIps {
  /** An address that no Service has; undefined when there is none left. */
  readonly allocate: (service: StoredObject) => string | undefined;
}

export function serviceStrategy(ips: ServiceIps): Strategy {
  return {
    nameCheck: 'service',
    prepare: (service, old) => {
      const spec: JsonObject = { ...objectOf(service['spec']) };
      if (Array.isArray(spec['ports'])) {
        spec['ports'] = spec['ports'].map((port) =>
          isObject(port) ? { ...port, targetPort: port['targetPort'] ?? port['port'] ?? 0 } : port,
        );
      }
      if (spec['type'] !== 'ExternalName') {
        const before = textOf(at(old, 'spec', 'clusterIP'));
        const own = textOf(spec['clusterIP']);
        const address = own === undefined || own === '' ? (before ?? ips.allocate(service)) : own;
        if (address !== undefined) Object.assign(spec, { clusterIP: address, clusterIPs: [address] });
        spec['ipFamilies'] ??= ['IPv4'];
        spec['ipFamilyPolicy'] ??= 'SingleStack';
      }
      service['spec'] = spec;
      if (old === undefined) service['status'] = { loadBalancer: {} };
    },
    validate: (service, old) => {
      const errors: FieldError[] = [];
      const ports = listOf(at(service, 'spec', 'ports'));
      const address = at(service, 'spec', 'clusterIP');
      if (ports.length === 0 && address !== 'None' && at(service, 'spec', 'type') !== 'ExternalName')
        errors.push({ kind: 'required', field: 'spec.ports', detail: '' });
      if (ports.length > 1) {
        ports.forEach((port, index) => {
          if (at(port, 'name') === undefined) errors.push({ kind: 'required', field: `spec.ports[${index}].name`, detail: '' });
        });
      }
      ports.forEach((port, index) => {
        const number = at(port, 'port');
        if (typeof number === 'number' && (number < 1 || number > 65535))
          errors.push(invalidValue(`spec.ports[${index}].port`, number, 'must be between 1 and 65535, inclusive'));
      });
      const before = at(old, 'spec', 'clusterIP');
      if (before !== undefined && before !== address && at(service, 'spec', 'type') !== 'ExternalName') {
        errors.push(invalidValue('spec.clusterIPs[0]', address, 'may not change once set'));
      }
      return errors;
    },
  };
}

export const claimStrategy: Strategy = {
  prepare: (claim, old) => {
    if (old === undefined) claim['status'] = { phase: 'Pending' };
  },
  validate: (claim, old) => {
    const errors: FieldError[] = [];
    if (listOf(at(claim, 'spec', 'accessModes')).length === 0)
      errors.push({ kind: 'required', field: 'spec.accessModes', detail: 'at least 1 access mode is required' });
    if (at(claim, 'spec', 'resources', 'requests', 'storage') === undefined)
      errors.push({ kind: 'required', field: 'spec.resources[storage]', detail: '' });
    if (old === undefined) return errors;
    const [before, now] = [fixedPart(old), fixedPart(claim)];
    // Binding fills in the volume and the class once.
    const bound = {
      ...before,
      volumeName: before['volumeName'] ?? now['volumeName'],
      storageClassName: before['storageClassName'] ?? now['storageClassName'],
    };
    if (!jsonEqual(bound, now)) {
      errors.push(
        forbiddenValue('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'),
      );
    }
    return errors;
  },
};

function fixedPart(claim: StoredObject): JsonObject {
  const { resources: _resources, volumeAttributesClassName: _class, ...rest } = objectOf(claim['spec']);
  return rest;
}

export const volumeStrategy: Strategy = {
  prepare: (volume, old) => {
    if (old === undefined) volume['status'] = { phase: 'Pending', ...objectOf(volume['status']) };
  },
};

export const secretStrategy: Strategy = {
  prepare: (secret) => {
    const plain = stringMap(secret['stringData']);
    if (secret['stringData'] === undefined) return;
    delete secret['stringData'];
    const encoded = Object.entries(plain).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    secret['data'] = { ...objectOf(secret['data']), ...Object.fromEntries(encoded) };
  },
  validate: (secret, old) => immutable(secret, old, ['data', 'type']),
};

export const configMapStrategy: Strategy = { validate: (map, old) => immutable(map, old, ['data', 'binaryData']) };

function immutable(object: StoredObject, old: StoredObject | undefined, fields: readonly string[]): FieldError[] {
  if (old?.['immutable'] !== true) return [];
  return fields
    .filter((field) => !jsonEqual(old[field], object[field]))
    .map((field) => forbiddenValue(field, 'field is immutable when `immutable` is set'));
}

export const roleBindingStrategy: Strategy = {
  nameCheck: 'path',
  validate: (binding, old) =>
    old === undefined || jsonEqual(old['roleRef'], binding['roleRef'])
      ? []
      : [invalidValue('roleRef', binding['roleRef'], 'cannot change roleRef')],
};

export const pathNamed: Strategy = { nameCheck: 'path' };
