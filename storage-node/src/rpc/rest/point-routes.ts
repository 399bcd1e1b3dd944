import type { Database, WriteOutcome } from '../../coordinator/database.ts';
import { NotFoundError } from '../../errors.ts';
import { parsePointId } from '../../model/point-id.ts';
import type { WriteOperation } from '../../model/write-operation.ts';
import { RequestFormatError } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { requireVectorNames } from '../vector-rules.ts';
import { recordText, recordsText, scrollPageText, writeOutcomeText } from './answers.ts';
import { shown } from './body-schema.ts';
import { bodyObject, pathParameter, readContext, writeOptions, type Endpoint, type RestCall } from './endpoint.ts';
import { readCount, readDelete, readRetrieve, readScroll, readSetPayload } from './point-bodies.ts';
import { readUpsert } from './upsert-body.ts';

const points = '/collections/:collection/points';

export function pointRoutes(database: Database, limits: RequestLimits): readonly Endpoint[] {
  const write = async (call: RestCall, operation: WriteOperation): Promise<WriteOutcome> =>
    database.write(pathParameter(call, 'collection'), operation, writeOptions(call));
  return [
    {
      method: 'PUT',
      path: points,
      operation: 'upsert points',
      handle: async (call) => {
        const collection = database.collectionConfig(pathParameter(call, 'collection'));
        return writeOutcomeText(await write(call, { kind: 'upsert', points: readUpsert(bodyObject(call), collection, limits) }));
      },
    },
    {
      method: 'POST',
      path: `${points}/delete`,
      operation: 'delete points',
      handle: async (call) => writeOutcomeText(await write(call, readDelete(bodyObject(call), limits))),
    },
    {
      method: 'POST',
      path: `${points}/payload`,
      operation: 'set payload',
      handle: async (call) => writeOutcomeText(await write(call, readSetPayload(bodyObject(call), limits))),
    },
    { method: 'GET', path: `${points}/:id`, operation: 'get point', handle: async (call) => getPoint(database, call) },
    {
      method: 'POST',
      path: points,
      operation: 'retrieve points',
      handle: async (call) => {
        const [name, request] = [pathParameter(call, 'collection'), readRetrieve(bodyObject(call))];
        requireVectorNames(database.collectionConfig(name), request.withVectors);
        return recordsText(await database.retrieve(name, request, readContext(call)));
      },
    },
    {
      method: 'POST',
      path: `${points}/scroll`,
      operation: 'scroll points',
      handle: async (call) => {
        const [name, request] = [pathParameter(call, 'collection'), readScroll(bodyObject(call), limits)];
        requireVectorNames(database.collectionConfig(name), request.withVectors);
        return scrollPageText(await database.scroll(name, request, readContext(call)));
      },
    },
    {
      method: 'POST',
      path: `${points}/count`,
      operation: 'count points',
      handle: async (call) => {
        const count = await database.count(pathParameter(call, 'collection'), readCount(bodyObject(call), limits), readContext(call));
        return JSON.stringify({ count });
      },
    },
  ];
}

async function getPoint(database: Database, call: RestCall): Promise<string> {
  const text = pathParameter(call, 'id');
  const id = parsePointId(text);
  if (id === undefined) throw new RequestFormatError(`Can not recognize ${shown(text)} as point id`);
  const request = { ids: [id], withPayload: true, withVectors: true };
  const [record] = await database.retrieve(pathParameter(call, 'collection'), request, readContext(call));
  if (record === undefined) throw new NotFoundError(`Point with id ${id} does not exists!`);
  return recordText(record);
}
