/** What a ValidatingAdmissionPolicy and its binding must be to be stored: complete, and every expression compiles to what is asked of it. */
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue, type FieldError } from '../field-error.ts';
import { at, listOf, textOf, type Json } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { Strategy } from '../resource.ts';
import { ExpressionCompiler, type Expression } from './expression.ts';

export const policyStrategy: Strategy = {
  prepare: (policy, old) => {
    if (old === undefined) policy['status'] = {};
  },
  validate: policyErrors,
};

export const policyBindingStrategy: Strategy = { validate: bindingErrors };

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

function policyErrors(policy: StoredObject): readonly FieldError[] {
  const spec = policy['spec'];
  const validations = listOf(at(spec, 'validations'));
  const annotations = listOf(at(spec, 'auditAnnotations'));
  const missing = 'validations or auditAnnotations must contain at least one item';
  return [
    ...(at(spec, 'paramKind') === undefined
      ? []
      : [forbiddenValue('spec.paramKind', 'parameters of policies are not served by this API server')]),
    ...constraintErrors(at(spec, 'matchConstraints')),
    ...expressionErrors(policy),
    ...(validations.length + annotations.length === 0
      ? [requiredValue('spec.validations', missing), requiredValue('spec.auditAnnotations', missing)]
      : []),
    ...annotations.map((_, index) =>
      forbiddenValue(`spec.auditAnnotations[${index}]`, 'audit annotations are not served by this API server, which keeps no audit log'),
    ),
  ];
}

function constraintErrors(constraints: Json | undefined): FieldError[] {
  if (constraints === undefined) return [requiredValue('spec.matchConstraints')];
  const rules = listOf(at(constraints, 'resourceRules'));
  if (rules.length === 0) return [requiredValue('spec.matchConstraints.resourceRules')];
  return rules.flatMap((rule, index) => ruleErrors(rule, `spec.matchConstraints.resourceRules[${index}]`));
}

function ruleErrors(rule: Json, path: string): FieldError[] {
  const asked = listOf(at(rule, 'operations'));
  const resources = listOf(at(rule, 'resources'));
  const errors: FieldError[] = [];
  if (asked.length === 0) errors.push(requiredValue(`${path}.operations`));
  asked.forEach((operation, index) => {
    if (typeof operation !== 'string' || !operations.includes(operation))
      errors.push(unsupportedValue(`${path}.operations[${index}]`, operation, operations));
  });
  for (const field of ['apiGroups', 'apiVersions', 'resources'])
    if (listOf(at(rule, field)).length === 0) errors.push(requiredValue(`${path}.${field}`));
  if (resources.includes('*/*') && resources.length > 1)
    errors.push(invalidValue(`${path}.resources`, [...resources], "if '*/*' is present, must not specify other resources"));
  return errors;
}

function expressionErrors(policy: StoredObject): FieldError[] {
  const spec = policy['spec'];
  const compiler = new ExpressionCompiler();
  const errors: FieldError[] = [];
  listOf(at(spec, 'matchConditions')).forEach((condition, index) => {
    const path = `spec.matchConditions[${index}]`;
    errors.push(...typeErrors(condition, 'expression', path, 'bool', (text) => compiler.compileWithoutVariables(text)));
    if ((textOf(at(condition, 'name')) ?? '') === '') errors.push(requiredValue(`${path}.name`));
  });
  listOf(at(spec, 'variables')).forEach((variable, index) => {
    const path = `spec.variables[${index}]`;
    const name = textOf(at(variable, 'name')) ?? '';
    if (name === '') errors.push(requiredValue(`${path}.name`, 'name is not specified'));
    else if (!identifier.test(name)) errors.push(invalidValue(`${path}.name`, name, 'must be a valid CEL identifier'));
    errors.push(...typeErrors(variable, 'expression', path, undefined, (text) => compiler.declare(name, text)));
  });
  listOf(at(spec, 'validations')).forEach((validation, index) => {
    const path = `spec.validations[${index}]`;
    errors.push(...typeErrors(validation, 'expression', path, 'bool', (text) => compiler.compile(text)));
    if (at(validation, 'messageExpression') !== undefined)
      errors.push(...typeErrors(validation, 'messageExpression', path, 'string', (text) => compiler.compile(text)));
    errors.push(...messageErrors(validation, path));
  });
  return errors;
}

function messageErrors(validation: Json, path: string): FieldError[] {
  const message = textOf(at(validation, 'message'));
  const expression = textOf(at(validation, 'expression')) ?? '';
  const reason = at(validation, 'reason');
  const errors: FieldError[] = [];
  if (message?.includes('\n') === true) errors.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'));
  if (message === undefined && expression.trim().includes('\n'))
    errors.push(requiredValue(`${path}.message`, 'message must be specified if expression contains line breaks'));
  if (reason !== undefined && (typeof reason !== 'string' || !reasons.includes(reason)))
    errors.push(unsupportedValue(`${path}.reason`, reason, reasons));
  return errors;
}

/** `type` undefined: any. */
function typeErrors(
  json: Json,
  field: 'expression' | 'messageExpression',
  path: string,
  type: 'bool' | 'string' | undefined,
  compile: (text: string) => Expression,
): FieldError[] {
  const text = textOf(at(json, field)) ?? '';
  if (text.trim() === '') return [requiredValue(`${path}.${field}`, 'expression is not specified')];
  const expression = compile(text);
  if (expression.kind === 'broken') return [invalidValue(`${path}.${field}`, text, expression.problem)];
  if (type === undefined || expression.type === type) return [];
  return [invalidValue(`${path}.${field}`, text, `must evaluate to ${type} but got ${expression.type}`)];
}

function bindingErrors(binding: StoredObject): readonly FieldError[] {
  const spec = binding['spec'];
  const chosen = listOf(at(spec, 'validationActions'));
  const errors: FieldError[] = [];
  if ((textOf(at(spec, 'policyName')) ?? '') === '') errors.push(requiredValue('spec.policyName'));
  if (at(spec, 'paramRef') !== undefined)
    errors.push(forbiddenValue('spec.paramRef', 'parameters of policies are not served by this API server'));
  if (chosen.length === 0) errors.push(requiredValue('spec.validationActions', 'at least one validation action is required'));
  chosen.forEach((action, index) => {
    if (typeof action !== 'string' || !actions.includes(action))
      errors.push(unsupportedValue(`spec.validationActions[${index}]`, action, actions));
  });
  if (chosen.includes('Deny') && chosen.includes('Warn'))
    errors.push(
      invalidValue(
        'spec.validationActions',
        [...chosen],
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  const rules = at(spec, 'matchResources', 'resourceRules');
  errors.push(...listOf(rules).flatMap((rule, index) => ruleErrors(rule, `spec.matchResources.resourceRules[${index}]`)));
  return errors;
}
