/** A ValidatingAdmissionPolicy ready to decide, and one decision. */
import { at, listOf, textOf, type Json } from '../json.ts';
import type { StoredObject } from '../object.ts';
import {
  causeOf,
  evaluate,
  ExpressionCompiler,
  withVariables,
  type Bindings,
  type Expression,
  type VariableDeclaration,
} from './expression.ts';
import { readResourceMatch, type ResourceMatch } from './resource-match.ts';

interface Validation {
  readonly expression: Expression;
  readonly message: string | undefined;
  readonly messageExpression: Expression | undefined;
  readonly reason: string;
}

export interface Policy {
  readonly name: string;
  readonly match: ResourceMatch;
  readonly conditions: readonly Expression[];
  readonly variables: readonly VariableDeclaration[];
  readonly validations: readonly Validation[];
  /** Whether a request passes that an expression could not be computed for. */
  readonly ignoresFailure: boolean;
}

export interface Denial {
  readonly reason: string;
  readonly message: string;
}

const messageLimit = 5 * 1024;

export function readPolicy(object: StoredObject): Policy {
  const spec = object['spec'];
  const compiler = new ExpressionCompiler();
  for (const variable of listOf(at(spec, 'variables'))) compiler.declare(word(variable, 'name') ?? '', word(variable, 'expression') ?? '');
  return {
    name: object.metadata.name,
    match: readResourceMatch(at(spec, 'matchConstraints')),
    conditions: listOf(at(spec, 'matchConditions')).map((each) => compiler.compileWithoutVariables(word(each, 'expression') ?? '')),
    variables: compiler.variables,
    validations: listOf(at(spec, 'validations')).map((each) => readValidation(each, compiler)),
    ignoresFailure: at(spec, 'failurePolicy') === 'Ignore',
  };
}

function readValidation(json: Json, compiler: ExpressionCompiler): Validation {
  const messageExpression = word(json, 'messageExpression');
  return {
    expression: compiler.compile(word(json, 'expression') ?? ''),
    message: word(json, 'message'),
    messageExpression: messageExpression === undefined ? undefined : compiler.compile(messageExpression),
    reason: word(json, 'reason') ?? 'Invalid',
  };
}

const word = (json: Json, field: string): string | undefined => textOf(at(json, field));

/** Everything the policy holds against the request, in the order of its validations. */
export function decide(policy: Policy, bindings: Bindings): readonly Denial[] {
  const applies = conditionsHold(policy, bindings);
  if (applies !== true) return applies === false ? [] : [applies];
  const all = withVariables(bindings, policy.variables);
  return policy.validations.flatMap((validation) => {
    try {
      return evaluate(validation.expression, all) === true ? [] : [{ reason: validation.reason, message: messageOf(validation, all) }];
    } catch (error) {
      return policy.ignoresFailure ? [] : [failed(validation.expression, error)];
    }
  });
}

/** A condition that is false decides before one that could not be computed. */
function conditionsHold(policy: Policy, bindings: Bindings): boolean | Denial {
  let failure: Denial | undefined;
  for (const condition of policy.conditions) {
    try {
      if (evaluate(condition, bindings) !== true) return false;
    } catch (error) {
      failure ??= failed(condition, error);
    }
  }
  if (failure === undefined) return true;
  return policy.ignoresFailure ? false : failure;
}

const failed = ({ text }: Expression, error: unknown): Denial => ({
  reason: 'Invalid',
  message: `expression '${text}' resulted in error: ${causeOf(error)}`,
});

function messageOf({ expression, message, messageExpression }: Validation, bindings: Bindings): string {
  if (messageExpression !== undefined) {
    try {
      const text = evaluate(messageExpression, bindings);
      if (typeof text === 'string' && text.trim() !== '' && text.length <= messageLimit && !text.includes('\n')) return text.trim();
    } catch {
      // As in Kubernetes, a message that cannot be computed falls back to the fixed one.
    }
  }
  return message ?? `failed expression: ${expression.text.trim()}`;
}
