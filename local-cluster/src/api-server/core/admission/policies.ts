/**
 * The ValidatingAdmissionPolicies in force. They are looked up by resource, so that a request which none is for costs one look into a
 * map, and read and compiled once after each change of a policy or binding.
 */
import { ApiError, forbidden } from '../api-error.ts';
import { at, listOf, textOf, type Json, type JsonObject } from '../json.ts';
import { objectKey } from '../object.ts';
import type { Registry } from '../registry.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { Store } from '../store/store.ts';
import { operationOf, type Admit, type Admittance, type ObjectChange } from './admission-request.ts';
import { once } from './expression.ts';
import { decide, readPolicy, type Policy } from './policy.ts';
import { requestBindings } from './request-bindings.ts';
import { matchedVersion, mayCover, readResourceMatch, selectorsMatch, type Addressed, type ResourceMatch } from './resource-match.ts';

const policyStorage = 'admissionregistration.k8s.io/validatingadmissionpolicies';
const bindingStorage = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';
const definitionStorage = 'apiextensions.k8s.io/customresourcedefinitions';

interface Binding {
  readonly name: string;
  readonly match: ResourceMatch;
  readonly actions: readonly Json[];
}

interface BoundPolicy {
  readonly policy: Policy;
  readonly bindings: readonly Binding[];
}

/** Reviews are questions, and policies must not lock out those who would mend them. */
const exemptGroups: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'authorization.k8s.io']);

const codes: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, RequestEntityTooLarge: 413, Invalid: 422 };

export class AdmissionPolicies {
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #byResource = new Map<string, readonly BoundPolicy[]>();
  #inForce: readonly BoundPolicy[] | undefined;

  constructor(store: Store, registry: Registry) {
    this.#store = store;
    this.#registry = registry;
    store.subscribe(({ storage }) => {
      if (storage === policyStorage || storage === bindingStorage) this.#inForce = undefined;
      if (storage === definitionStorage) this.#byResource.clear();
    });
  }

  /** Undefined: no policy is for such requests. */
  admitting(admittance: Admittance): Admit<JsonObject> | undefined {
    const { resource, subresource } = admittance;
    const policies = this.#policiesFor(resource, subresource);
    if (policies.length === 0) return undefined;
    return (change) => this.#admit(policies, admittance, change);
  }

  #policiesFor(resource: ResourceDefinition, subresource: string | undefined): readonly BoundPolicy[] {
    const inForce = this.#policiesInForce();
    if (inForce.length === 0 || exemptGroups.has(resource.group)) return [];
    const key = `${resource.group}/${resource.version}/${resource.plural}/${subresource ?? ''}`;
    let found = this.#byResource.get(key);
    if (found === undefined) {
      const versions = this.#versionsOf(resource);
      found = inForce.filter(({ policy }) => mayCover(policy.match, versions, subresource));
      this.#byResource.set(key, found);
    }
    return found;
  }

  #policiesInForce(): readonly BoundPolicy[] {
    if (this.#inForce !== undefined) return this.#inForce;
    const bindings = Map.groupBy(this.#store.values(bindingStorage), (binding) => textOf(at(binding, 'spec', 'policyName')) ?? '');
    this.#byResource.clear();
    this.#inForce = [...this.#store.values(policyStorage)]
      .toSorted((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))
      .flatMap((object) => {
        const own = bindings.get(object.metadata.name) ?? [];
        return own.length === 0 ? [] : [{ policy: readPolicy(object), bindings: own.map(readBinding) }];
      });
    return this.#inForce;
  }

  /** The resource itself first, then other versions under which the same objects are served. */
  #versionsOf(resource: ResourceDefinition): readonly ResourceDefinition[] {
    return [resource, ...this.#registry.all().filter((other) => other !== resource && other.storage === resource.storage)];
  }

  #admit(policies: readonly BoundPolicy[], admittance: Admittance, change: ObjectChange<JsonObject>): void {
    const { resource, subresource, warn } = admittance;
    const name = admittance.name ?? nameOf(change.object ?? change.oldObject);
    const request: Addressed = { versions: this.#versionsOf(resource), subresource, operation: operationOf(change), name };
    const namespace = this.#namespaceOf(admittance, change);
    let denied: ApiError | undefined;
    for (const { policy, bindings } of policies) {
      const version = matchedVersion(policy.match, request);
      if (version === undefined || !selectorsMatch(policy.match, namespace, [change.object, change.oldObject])) continue;
      const decisions = once(() => decide(policy, requestBindings(admittance, change, { name, version, namespace })));
      for (const binding of bindings) {
        if (matchedVersion(binding.match, request) === undefined) continue;
        if (!selectorsMatch(binding.match, namespace, [change.object, change.oldObject])) continue;
        const [first] = decisions();
        if (first === undefined) continue;
        const about = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
        if (binding.actions.includes('Warn')) {
          for (const { message } of decisions()) warn(`Validation failed for ${about}: ${message}`);
        }
        if (binding.actions.includes('Deny'))
          denied ??= refusal(resource, name === '' ? 'Unknown' : name, first.reason, `${about} denied request: ${first.message}`);
      }
    }
    if (denied !== undefined) throw denied;
  }

  #namespaceOf({ resource, namespace }: Admittance, { object, oldObject }: ObjectChange<JsonObject>): JsonObject | undefined {
    if (resource.storage === 'namespaces') return object ?? oldObject;
    return namespace === undefined ? undefined : (this.#store.get('namespaces', objectKey(undefined, namespace)) ?? {});
  }
}

function readBinding(object: JsonObject): Binding {
  const spec = object['spec'];
  return { name: nameOf(object), match: readResourceMatch(at(spec, 'matchResources')), actions: listOf(at(spec, 'validationActions')) };
}

const nameOf = (object: JsonObject | undefined): string => textOf(at(object, 'metadata', 'name')) ?? '';

function refusal(resource: ResourceDefinition, name: string, reason: string, text: string): ApiError {
  const { message, details } = forbidden(resource, name, text);
  return new ApiError(codes[reason] ?? 422, reason, message, { ...details, causes: [{ message: text }] });
}
