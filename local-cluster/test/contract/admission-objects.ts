import { expect, test } from 'vitest';
import { at, listOf, objectOf, show, type JsonObject } from '../../src/api-server/core/json.ts';
import { AdmissionSpace, onWidgets, policies, policyBindings } from './admission-space.ts';
import { causesOf, field, type Workspace } from './widgets.ts';

const always = [{ expression: 'true' }];
const rule = objectOf(listOf(onWidgets['resourceRules'])[0]);

/** What makes a good ValidatingAdmissionPolicy, and a good binding. */
export function admissionObjectsContract(workspace: () => Promise<Workspace>): void {
  const admissionSpace = async (): Promise<AdmissionSpace> => new AdmissionSpace(await workspace());

  test.for<[string, JsonObject, string, RegExp]>([
    ['no constraints', { validations: always }, 'spec.matchConstraints', /Required value/],
    ['no rules', { matchConstraints: { resourceRules: [] }, validations: always }, 'spec.matchConstraints.resourceRules', /Required value/],
    ['no validations', { matchConstraints: onWidgets }, 'spec.validations', /must contain at least one item/],
    ['no CEL', validating('object.spec.'), 'spec.validations[0].expression', /compilation failed: ERROR: <input>:1:\d+: Syntax error/],
    ['an empty expression', validating(' '), 'spec.validations[0].expression', /expression is not specified/],
    [
      'an unknown name',
      validating('foo > 1'),
      'spec.validations[0].expression',
      /<input>:1:1: undeclared reference to 'foo' \(in container ''\)/,
    ],
    ['a field no request has', validating('request.foo == "a"'), 'spec.validations[0].expression', /<input>:1:8: undefined field 'foo'/],
    ['a number for a truth', validating('1 + 1'), 'spec.validations[0].expression', /must evaluate to bool but got int/],
    ['anything for a truth', validating('object.spec.flag'), 'spec.validations[0].expression', /must evaluate to bool but got dyn/],
    ['a variable of another type', withVariable('1', 'variables.a == "x"'), 'spec.validations[0].expression', /compilation failed/],
    ['a variable that is not there', withVariable('1', 'variables.b == 1'), 'spec.validations[0].expression', /undefined field 'b'/],
    ['a variable that comes later', withVariable('variables.b', 'true'), 'spec.variables[0].expression', /undefined field 'b'/],
    [
      'a condition on a variable',
      condition('variables.a == 1'),
      'spec.matchConditions[0].expression',
      /undeclared reference to 'variables'/,
    ],
    [
      'a number for a message',
      validating('true', { messageExpression: '1' }),
      'spec.validations[0].messageExpression',
      /must evaluate to string but got int/,
    ],
    ['two lines for a message', validating('true', { message: 'a\nb' }), 'spec.validations[0].message', /must not contain line breaks/],
    ['a reason of its own', validating('true', { reason: 'NotFound' }), 'spec.validations[0].reason', /Unsupported value: "NotFound"/],
    ['a failure policy of its own', { ...validating('true'), failurePolicy: 'Maybe' }, 'spec.failurePolicy', /Unsupported value: "Maybe"/],
    [
      'an unknown operation',
      { ...validating('true'), matchConstraints: { resourceRules: [{ ...rule, operations: ['x'] }] } },
      'spec.matchConstraints.resourceRules[0].operations[0]',
      /Unsupported value: "x"/,
    ],
  ])('a policy with %s is refused', async ([, spec, where, words]) => {
    const refused = await (await admissionSpace()).send('bad', spec);
    expect(refused).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect(causesOf(refused)).toContain(where);
    expect(show(field(refused, 'message'))).toMatch(words);
  });

  test.for<[string, JsonObject, RegExp]>([
    ['of no policy', { validationActions: ['Deny'] }, /spec\.policyName: Required value/],
    ['without action', { policyName: 'p', validationActions: [] }, /at least one validation action is required/],
    ['that both denies and warns', { policyName: 'p', validationActions: ['Deny', 'Warn'] }, /must not contain both Deny and Warn/],
    ['with an unknown action', { policyName: 'p', validationActions: ['Explode'] }, /Unsupported value: "Explode"/],
  ])('a binding %s is refused', async ([, spec, words]) => {
    const refused = await (await admissionSpace()).bind('bad', spec);
    expect(refused.code).toBe(422);
    expect(show(field(refused, 'message'))).toMatch(words);
  });

  test('a policy shows its defaults', async () => {
    const admission = await admissionSpace();
    const name = admission.name('defaults');
    const made = await admission.send(name, { ...validating('true'), matchConstraints: onWidgets });
    expect(made).toMatchObject({
      code: 201,
      body: {
        metadata: { generation: 1 },
        spec: { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} } },
        status: {},
      },
    });
    expect(at(listOf(field(made, 'spec', 'matchConstraints', 'resourceRules'))[0], 'scope')).toBe('*');
    const bound = await admission.bind(name, { policyName: name, validationActions: ['Audit'], matchResources: {} });
    expect(bound).toMatchObject({ code: 201, body: { spec: { matchResources: { matchPolicy: 'Equivalent', objectSelector: {} } } } });
    expect((await admission.space.send('DELETE', `${policyBindings}/${name}`)).code).toBe(200);
    expect((await admission.space.send('DELETE', `${policies}/${name}`)).code).toBe(200);
  });
}

function validating(expression: string, more: JsonObject = {}): JsonObject {
  return { matchConstraints: onWidgets, validations: [{ expression, ...more }] };
}

const withVariable = (variable: string, expression: string): JsonObject => ({
  ...validating(expression),
  variables: [{ name: 'a', expression: variable }],
});

const condition = (expression: string): JsonObject => ({
  ...withVariable('1', 'true'),
  matchConditions: [{ name: 'c', expression }],
});
