/**
 * Expressions of admission policies: CEL over `object`, `oldObject`, `request`, `namespaceObject` and, in validations, `variables`.
 *
 * Objects are dynamic, the request is typed: a field that it never has is found when the policy is made. As in Kubernetes, a field that
 * a request does not have now is absent, not empty, and reading it is an error.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { EvaluationError, ParseError, TypeError as CheckError } from '@marcbachmann/cel-js';
import { kubernetesCel } from '../schema/cel-environment.ts';

/** Values by name; those that are costly to make are getters. */
export type Bindings = Record<string, unknown>;

export type Expression =
  | { readonly kind: 'compiled'; readonly text: string; readonly type: string; readonly evaluate: (bindings: Bindings) => unknown }
  /** `problem` is worded as Kubernetes words it. */
  | { readonly kind: 'broken'; readonly text: string; readonly problem: string };

/** A value of a type that expressions know by its class. */
// oxlint-disable-next-line no-extraneous-class -- the CEL library tells types by their class
class Typed {
  constructor(fields: object = {}) {
    Object.assign(this, fields);
  }
}
class GroupVersionKind extends Typed {}
class GroupVersionResource extends Typed {}
class UserInfo extends Typed {}
class AdmissionRequest extends Typed {}
class Variables extends Typed {}

const policyCel = kubernetesCel
  .clone()
  .registerType('GroupVersionKind', { ctor: GroupVersionKind, fields: { group: 'string', version: 'string', kind: 'string' } })
  .registerType('GroupVersionResource', { ctor: GroupVersionResource, fields: { group: 'string', version: 'string', resource: 'string' } })
  .registerType('UserInfo', {
    ctor: UserInfo,
    fields: { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' },
  })
  .registerType('AdmissionRequest', {
    ctor: AdmissionRequest,
    fields: {
      kind: 'GroupVersionKind',
      resource: 'GroupVersionResource',
      subResource: 'string',
      requestKind: 'GroupVersionKind',
      requestResource: 'GroupVersionResource',
      requestSubResource: 'string',
      name: 'string',
      namespace: 'string',
      operation: 'string',
      userInfo: 'UserInfo',
      dryRun: 'bool',
      options: 'dyn',
    },
  })
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('namespaceObject', 'dyn')
  .registerVariable('request', 'AdmissionRequest');

/** Plain values as the types that expressions know. */
export const typed = {
  request: (fields: object): object => new AdmissionRequest(fields),
  user: (fields: object): object => new UserInfo(fields),
  kind: ({ group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string }): object =>
    new GroupVersionKind({ group, version, kind }),
  resource: ({ group, version, plural }: { readonly group: string; readonly version: string; readonly plural: string }): object =>
    new GroupVersionResource({ group, version, resource: plural }),
};

export interface VariableDeclaration {
  readonly name: string;
  readonly expression: Expression;
}

/** Types that a variable keeps for later expressions; others are dynamic. */
const keptTypes: ReadonlySet<string> = new Set(['bool', 'int', 'uint', 'double', 'string']);

/** Compiles for one policy: each variable sees those before it, validations see all. */
export class ExpressionCompiler {
  readonly #fields: Record<string, string> = {};
  readonly #variables: VariableDeclaration[] = [];

  get variables(): readonly VariableDeclaration[] {
    return this.#variables;
  }

  /** For match conditions, which see no variables. */
  compileWithoutVariables(text: string): Expression {
    return compile(policyCel, text);
  }

  compile(text: string): Expression {
    const cel = policyCel
      .clone()
      .registerType('Variables', { ctor: Variables, fields: { ...this.#fields } })
      .registerVariable('variables', 'Variables');
    return compile(cel, text);
  }

  declare(name: string, text: string): Expression {
    const expression = this.compile(text);
    this.#fields[name] = expression.kind === 'compiled' && keptTypes.has(expression.type) ? expression.type : 'dyn';
    this.#variables.push({ name, expression });
    return expression;
  }
}

/** Adds `variables` to the bindings: each is computed when first asked for, and once. */
export function withVariables(bindings: Bindings, declarations: readonly VariableDeclaration[]): Bindings {
  const variables = new Variables();
  const all = Object.create(bindings, { variables: { value: variables, enumerable: true } });
  for (const { name, expression } of declarations) {
    const value = once(() => evaluateVariable(name, expression, all));
    Object.defineProperty(variables, name, { enumerable: true, get: value });
  }
  return all;
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function evaluateVariable(name: string, expression: Expression, bindings: Bindings): unknown {
  try {
    return evaluate(expression, bindings);
  } catch (error) {
    throw new Error(`composited variable ${JSON.stringify(name)} fails to evaluate: ${causeOf(error)}`, { cause: error });
  }
}

/** Throws an Error in Kubernetes' words. */
export function evaluate(expression: Expression, bindings: Bindings): unknown {
  if (expression.kind === 'broken') throw new Error(`compilation error: ${expression.problem}`);
  return expression.evaluate(bindings);
}

export function causeOf(error: unknown): string {
  if (error instanceof EvaluationError && error.code === 'no_such_key') return error.summary.replace(/^No such key/, 'no such key');
  return error instanceof EvaluationError ? error.summary : error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function compile(cel: Environment, text: string): Expression {
  try {
    const program = cel.parse(text);
    const check = program.check();
    if (!check.valid) return { kind: 'broken', text, problem: `compilation failed: ${inWords(text, check.error)}` };
    return { kind: 'compiled', text, type: check.type ?? 'dyn', evaluate: (bindings) => program(bindings) };
  } catch (error) {
    return { kind: 'broken', text, problem: `compilation failed: ${inWords(text, error)}` };
  }
}

/** With the place, as cel-go prints it. */
function inWords(text: string, error: unknown): string {
  const { what, offset } = problemOf(error);
  const before = text.slice(0, offset).split('\n');
  const column = before.at(-1)?.length ?? 0;
  const line = text.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${what}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function problemOf(error: unknown): { readonly what: string; readonly offset: number } {
  if (error instanceof ParseError) return { what: `Syntax error: ${error.summary}`, offset: error.range?.start ?? 0 };
  if (!(error instanceof CheckError)) return { what: error instanceof Error ? error.message : String(error), offset: 0 };
  const offset = error.range?.start ?? 0;
  const name = error.summary.split(': ')[1] ?? '';
  if (error.code === 'no_such_key') return { what: `undefined field '${name}'`, offset: Math.max(0, offset - 1) };
  if (error.code !== 'unknown_variable') return { what: error.summary, offset };
  const served = name === 'authorizer' ? "; 'authorizer' is not served by this API server" : '';
  return { what: `undeclared reference to '${name}' (in container '')${served}`, offset };
}
