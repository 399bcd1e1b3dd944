import type {
  Condition as ConditionMessage,
  FieldCondition,
  Filter as FilterMessage,
  Match,
} from '@vectorcluster/proto/gen/qdrant/qdrant_common_pb.ts';
import type { Condition, Filter } from '../../model/filter.ts';
import { RequestFormatError, RequestRuleError, unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkFilter } from '../request-rules.ts';
import { fromPointId } from './point-ids.ts';

export function fromFilter(message: FilterMessage | undefined, limits: RequestLimits): Filter | undefined {
  return message === undefined ? undefined : checkFilter(filter(message), limits);
}

function filter(message: FilterMessage): Filter {
  if (message.minShould !== undefined) throw unsupportedField('filter.min_should');
  return { must: message.must.map(condition), mustNot: message.mustNot.map(condition), should: message.should.map(condition) };
}

function condition({ conditionOneOf }: ConditionMessage): Condition {
  switch (conditionOneOf.case) {
    case 'field':
      return fieldCondition(conditionOneOf.value);
    case 'isEmpty':
      return { kind: 'is-empty', key: payloadKey(conditionOneOf.value.key) };
    case 'isNull':
      return { kind: 'is-null', key: payloadKey(conditionOneOf.value.key) };
    case 'hasId':
      return { kind: 'has-id', ids: conditionOneOf.value.hasId.map(fromPointId) };
    case 'filter':
      return { kind: 'filter', filter: filter(conditionOneOf.value) };
    case 'nested':
    case 'hasVector':
    case 'slice':
      throw unsupportedField(`filter condition ${conditionOneOf.case}`);
    case undefined:
      throw new RequestFormatError('a filter condition is empty');
  }
}

function fieldCondition(message: FieldCondition): Condition {
  const key = payloadKey(message.key);
  const later = (['geoBoundingBox', 'geoRadius', 'geoPolygon', 'valuesCount', 'datetimeRange'] as const).find(
    (name) => message[name] !== undefined,
  );
  if (later !== undefined) throw unsupportedField(`filter condition ${later}`);
  const { match: matchMessage, range, isEmpty, isNull } = message;
  const given = [
    matchMessage && match(key, matchMessage),
    range && ({ kind: 'range', key, range: { lt: range.lt, gt: range.gt, lte: range.lte, gte: range.gte } } satisfies Condition),
    isEmpty === undefined ? undefined : eitherWay({ kind: 'is-empty', key }, isEmpty),
    isNull === undefined ? undefined : eitherWay({ kind: 'is-null', key }, isNull),
  ].filter((item) => item !== undefined);
  const [only, ...others] = given;
  if (only === undefined) throw new RequestFormatError(`the condition on \`${key}\` is empty`);
  if (others.length > 0) throw unsupportedField(`more than one test in the condition on ${key}`);
  return only;
}

function match(key: string, { matchValue }: Match): Condition {
  switch (matchValue.case) {
    case 'keyword':
    case 'integer':
    case 'boolean':
      return { kind: 'match-value', key, value: matchValue.value };
    case 'keywords':
      return { kind: 'match-any', key, values: matchValue.value.strings };
    case 'integers':
      return { kind: 'match-any', key, values: matchValue.value.integers };
    case 'exceptKeywords':
      return { kind: 'match-except', key, values: matchValue.value.strings };
    case 'exceptIntegers':
      return { kind: 'match-except', key, values: matchValue.value.integers };
    case 'text':
    case 'phrase':
    case 'textAny':
    case 'prefix':
      throw unsupportedField(`match ${matchValue.case}`);
    case undefined:
      throw new RequestFormatError(`the match on \`${key}\` is empty`);
  }
}

/** `is_empty: false` is the contrary of `is_empty: true`. */
function eitherWay(holds: Condition, wanted: boolean): Condition {
  return wanted ? holds : { kind: 'filter', filter: { must: [], mustNot: [holds], should: [] } };
}

function payloadKey(key: string): string {
  if (key.trim() === '') throw new RequestRuleError('Validation error in body: [key: a payload key cannot be blank]');
  return key;
}
