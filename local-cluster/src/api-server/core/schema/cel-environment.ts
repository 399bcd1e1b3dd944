/** The CEL of Kubernetes: the language, and the functions Kubernetes adds that our rules may need. */
import { Environment, type Optional } from '@marcbachmann/cel-js';
import { Quantity } from './quantity.ts';

export type Program = (variables: Record<string, unknown>) => unknown;

const language = { unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: false, enableOptionalTypes: true };

const valuesAreEqual = new Environment(language).registerVariable('left', 'dyn').registerVariable('right', 'dyn').parse('left == right');

export const kubernetesCel = new Environment(language)
  .registerOperator('optional == optional', equal)
  .registerType('Quantity', Quantity)
  .registerFunction('quantity(string): Quantity', parse)
  .registerFunction('isQuantity(string): bool', (text: string) => Quantity.parse(text) !== undefined)
  .registerFunction('Quantity.compareTo(Quantity): int', (left: Quantity, right: Quantity) => left.compareTo(right))
  .registerFunction('Quantity.isGreaterThan(Quantity): bool', (left: Quantity, right: Quantity) => left.nanos > right.nanos)
  .registerFunction('Quantity.isLessThan(Quantity): bool', (left: Quantity, right: Quantity) => left.nanos < right.nanos)
  .registerFunction('Quantity.add(Quantity): Quantity', (left: Quantity, right: Quantity) => new Quantity(left.nanos + right.nanos))
  .registerFunction('Quantity.sub(Quantity): Quantity', (left: Quantity, right: Quantity) => new Quantity(left.nanos - right.nanos))
  .registerFunction('Quantity.sign(): int', (quantity: Quantity) => quantity.compareTo(new Quantity(0n)))
  .registerFunction('Quantity.isInteger(): bool', (quantity: Quantity) => quantity.toInteger() !== undefined)
  .registerFunction('Quantity.asInteger(): int', asInteger)
  .registerFunction('Quantity.asApproximateFloat(): double', (quantity: Quantity) => quantity.toNumber())
  .registerFunction('string.find(string): string', (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '')
  .registerFunction('isURL(string): bool', (text: string) => URL.canParse(text));

const ruleCel = kubernetesCel.clone().registerVariable('self', 'dyn').registerVariable('oldSelf', 'dyn');

/** Two that are empty are equal, an empty one and a full one are not. */
function equal(left: Optional, right: Optional): boolean {
  if (!left.hasValue() || !right.hasValue()) return left.hasValue() === right.hasValue();
  return valuesAreEqual({ left: left.value(), right: right.value() }) === true;
}

function parse(text: string): Quantity {
  const quantity = Quantity.parse(text);
  if (quantity === undefined)
    throw new Error(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`);
  return quantity;
}

function asInteger(quantity: Quantity): bigint {
  const integer = quantity.toInteger();
  if (integer === undefined) throw new Error('cannot convert value to integer');
  return integer;
}

/** Throws when the text is not an expression or uses what is not there. */
export function compileExpression(text: string): Program {
  const program = ruleCel.parse(text);
  const check = program.check();
  if (!check.valid) throw check.error ?? new Error('the expression does not type-check');
  return (variables) => program(variables);
}
