import { expect, test } from 'vitest';
import { ApiCore } from '../api-core.ts';
import type { JsonObject } from '../json.ts';
import { Store } from '../store/store.ts';
import type { Admit } from './admission-request.ts';

const policyVersion = 'admissionregistration.k8s.io/v1';
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['events'] };

function newCore(): ApiCore {
  let uid = 0;
  const newUid = (): string => `uid-${(uid += 1)}`;
  const core = new ApiCore({ store: new Store(), now: () => new Date('2026-01-01T00:00:00Z'), newUid, random: () => 0.5 });
  create(core, 'v1', 'namespaces', { kind: 'Namespace', metadata: { name: 'default' } });
  return core;
}

function create(core: ApiCore, apiVersion: string, plural: string, body: JsonObject): void {
  const resource = core.resource(apiVersion, plural);
  core.create({ resource, namespace: undefined, name: '' }, { apiVersion, ...body });
}

function enforce(core: ApiCore, name: string, spec: JsonObject, binding: JsonObject = {}): void {
  const matchConstraints = { resourceRules: [rule] };
  const body = { kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: { matchConstraints, ...spec } };
  create(core, policyVersion, 'validatingadmissionpolicies', body);
  create(core, policyVersion, 'validatingadmissionpolicybindings', {
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], ...binding },
  });
}

function admitting(core: ApiCore, apiVersion: string, plural: string, subresource?: string): Admit<JsonObject> | undefined {
  return core.admission.admitting({
    user: { name: 'somebody', groups: [] },
    resource: core.resource(apiVersion, plural),
    subresource,
    namespace: 'default',
    dryRun: false,
    options: {},
    warn: () => {},
  });
}

const event: JsonObject = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, reason: 'Because', involvedObject: { kind: 'Pod' } };
const never = {
  validations: [
    { expression: 'false', messageExpression: '"policy of <" + request.resource.group + "> for " + request.requestResource.group' },
  ],
};

test('requests that no policy is for are not even looked at', () => {
  const core = newCore();
  expect(admitting(core, 'v1', 'events')).toBeUndefined();
  enforce(core, 'never', never);
  expect(admitting(core, 'v1', 'events')).toBeDefined();
  expect(admitting(core, 'v1', 'pods')).toBeUndefined();
  expect(admitting(core, 'v1', 'events', 'status')).toBeUndefined();
  core.delete({ resource: core.resource(policyVersion, 'validatingadmissionpolicybindings'), namespace: undefined, name: 'never' });
  expect(admitting(core, 'v1', 'events')).toBeUndefined();
});

test('a policy is for the same objects in their other versions, and sees them in its own', () => {
  const core = newCore();
  enforce(core, 'never', { validations: [...never.validations, { expression: 'object.involvedObject.kind == "Pod"' }] });
  const admit = admitting(core, 'events.k8s.io/v1', 'events');
  const refusal = `events.events.k8s.io "e" is forbidden: ValidatingAdmissionPolicy 'never' with binding 'never' denied request: policy of <> for events.k8s.io`;
  expect(() => admit?.({ object: event, oldObject: undefined })).toThrow(refusal);
});

test('an exact policy is not for other versions', () => {
  const core = newCore();
  enforce(core, 'exact', { ...never, matchConstraints: { resourceRules: [rule], matchPolicy: 'Exact' } });
  expect(admitting(core, 'events.k8s.io/v1', 'events')).toBeUndefined();
  expect(admitting(core, 'v1', 'events')).toBeDefined();
});

test('policies do not hold for policies: they must not lock out who would mend them', () => {
  const core = newCore();
  const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] };
  enforce(core, 'all', { ...never, matchConstraints: { resourceRules: [everything] } });
  expect(admitting(core, 'v1', 'pods')).toBeDefined();
  expect(admitting(core, policyVersion, 'validatingadmissionpolicies')).toBeUndefined();
});

test('a policy that was stored broken refuses, unless it ignores failures', () => {
  const core = newCore();
  enforce(core, 'broken', { validations: [{ expression: 'true' }] });
  const storage = core.resource(policyVersion, 'validatingadmissionpolicies').storage;
  const [stored] = core.store.values(storage);
  const broken = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'nothing.of.that == 1' }] };
  const rewrite = (spec: JsonObject): void => void (stored && core.store.write(storage, { ...stored, spec }));
  rewrite(broken);
  expect(() => admitting(core, 'v1', 'events')?.({ object: event, oldObject: undefined })).toThrow(/compilation error: .*'nothing'/s);
  rewrite({ ...broken, failurePolicy: 'Ignore' });
  expect(() => admitting(core, 'v1', 'events')?.({ object: event, oldObject: undefined })).not.toThrow();
});

test.for<[string, JsonObject, RegExp]>([
  [
    'parameters',
    { ...never, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    /spec\.paramKind: Forbidden: parameters of policies are not served/,
  ],
  ['audit annotations', { ...never, auditAnnotations: [{ key: 'a', valueExpression: '"b"' }] }, /audit annotations are not served/],
  [
    'the authorizer',
    { validations: [{ expression: 'authorizer.group("").resource("pods").check("get").allowed()' }] },
    /'authorizer' is not served/,
  ],
])('%s are refused with words, not forgotten', ([, spec, words]) => {
  expect(() => enforce(newCore(), 'more', spec)).toThrow(words);
});

test('a binding with parameters is refused', () => {
  expect(() => enforce(newCore(), 'bound', never, { paramRef: { name: 'x' } })).toThrow(/spec\.paramRef: Forbidden/);
});
