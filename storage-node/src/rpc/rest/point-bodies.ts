/** Bodies of the calls on stored points other than upsert and search. */
import { z } from 'zod';
import { isList, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { NumberList } from '../../json/number-list.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest } from '../../model/query.ts';
import type { PointSelection, WriteOperation } from '../../model/write-operation.ts';
import type { RequestLimits } from '../limits.ts';
import { checkPayload, checkResultCount } from '../request-rules.ts';
import { integer, jsonObject, notYet, optional, parseFields, pointId, requirePointId, takeFields, withDefault } from './body-schema.ts';
import { formatError } from './endpoint.ts';
import { readFilter } from './filter-body.ts';
import { payloadSelector, vectorSelector } from './selector-body.ts';

const retrieve = z.strictObject({
  with_payload: withDefault(payloadSelector, true),
  with_vector: withDefault(vectorSelector, false),
  shard_key: notYet,
});

export function readRetrieve(body: BodyObject): RetrieveRequest {
  const [{ ids }, rest] = takeFields(body, ['ids']);
  const given = parseFields(retrieve, rest);
  return { ids: readIds(ids, 'ids'), withPayload: given.with_payload, withVectors: given.with_vector };
}

const scroll = z.strictObject({
  offset: optional(pointId),
  limit: withDefault(integer(1), 10),
  with_payload: withDefault(payloadSelector, true),
  with_vector: withDefault(vectorSelector, false),
  order_by: notYet,
  shard_key: notYet,
});

export function readScroll(body: BodyObject, limits: RequestLimits): ScrollRequest {
  const [{ filter }, rest] = takeFields(body, ['filter']);
  const given = parseFields(scroll, rest);
  checkResultCount(given.limit, 0, limits.scrollResults);
  return {
    filter: readFilter(filter, 'filter', limits),
    from: given.offset,
    limit: given.limit,
    withPayload: given.with_payload,
    withVectors: given.with_vector,
  };
}

const count = z.strictObject({ exact: withDefault(z.boolean(), true), shard_key: notYet });

export function readCount(body: BodyObject, limits: RequestLimits): CountRequest {
  const [{ filter }, rest] = takeFields(body, ['filter']);
  parseFields(count, rest);
  return { filter: readFilter(filter, 'filter', limits) };
}

const deletion = z.strictObject({ shard_key: notYet });

export function readDelete(body: BodyObject, limits: RequestLimits): WriteOperation {
  const [{ points, filter }, rest] = takeFields(body, ['points', 'filter']);
  parseFields(deletion, rest);
  return { kind: 'delete', selection: readSelection(points, filter, limits) };
}

const setPayload = z.strictObject({ payload: jsonObject, key: notYet, shard_key: notYet });

export function readSetPayload(body: BodyObject, limits: RequestLimits): WriteOperation {
  const [{ points, filter }, rest] = takeFields(body, ['points', 'filter']);
  const { payload } = parseFields(setPayload, rest);
  return { kind: 'set-payload', selection: readSelection(points, filter, limits), payload: checkPayload(payload, limits) };
}

function readSelection(points: BodyValue | undefined, filterBody: BodyValue | undefined, limits: RequestLimits): PointSelection {
  const filter = readFilter(filterBody, 'filter', limits);
  const hasPoints = points !== undefined && points !== null;
  if (hasPoints && filter !== undefined) throw formatError('give either `points` or `filter`, not both');
  if (filter !== undefined) return { kind: 'filter', filter };
  if (!hasPoints) throw formatError('either `points` or `filter` must be given');
  return { kind: 'ids', ids: readIds(points, 'points') };
}

function readIds(value: BodyValue | undefined, path: string) {
  const ids = value instanceof NumberList ? value.exact() : value;
  if (ids === undefined || !isList(ids)) throw formatError(`${path}: expected a list of point ids`);
  return ids.map((id, index) => requirePointId(id, `${path}.${index}`));
}
