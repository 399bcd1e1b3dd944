import type { CollectionInfo, Database } from '../../coordinator/database.ts';
import { collectionEcho } from '../collection-echo.ts';
import { newCollectionName } from '../collection-name.ts';
import { readAliasActions } from './alias-body.ts';
import { readNewCollection } from './collection-body.ts';
import { bodyObject, pathParameter, type Endpoint } from './endpoint.ts';

export function collectionRoutes(database: Database): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/collections',
      operation: 'list collections',
      handle: async () => JSON.stringify({ collections: (await database.listCollections()).map((name) => ({ name })) }),
    },
    {
      method: 'GET',
      path: '/collections/:collection',
      operation: 'get collection',
      handle: async (call) => infoText(await database.collectionInfo(pathParameter(call, 'collection'), call.context)),
    },
    {
      method: 'GET',
      path: '/collections/:collection/exists',
      operation: 'collection exists',
      handle: async (call) => JSON.stringify({ exists: await database.collectionExists(pathParameter(call, 'collection')) }),
    },
    {
      method: 'PUT',
      path: '/collections/:collection',
      operation: 'create collection',
      handle: async (call) => {
        const name = newCollectionName(pathParameter(call, 'collection'));
        await database.createCollection(name, readNewCollection(bodyObject(call)), call.context);
        return 'true';
      },
    },
    {
      method: 'DELETE',
      path: '/collections/:collection',
      operation: 'delete collection',
      handle: async (call) => JSON.stringify(await database.deleteCollection(pathParameter(call, 'collection'), call.context)),
    },
    {
      method: 'POST',
      path: '/collections/aliases',
      operation: 'change aliases',
      handle: async (call) => {
        await database.changeAliases(readAliasActions(bodyObject(call)), call.context);
        return 'true';
      },
    },
    { method: 'GET', path: '/aliases', operation: 'list aliases', handle: async () => aliasesText(database) },
    {
      method: 'GET',
      path: '/collections/:collection/aliases',
      operation: 'list aliases of a collection',
      handle: async (call) => aliasesText(database, pathParameter(call, 'collection')),
    },
  ];
}

function infoText(info: CollectionInfo): string {
  return JSON.stringify({
    status: info.status,
    optimizer_status: 'ok',
    indexed_vectors_count: info.indexedVectorsCount,
    points_count: info.pointsCount,
    segments_count: info.segmentsCount,
    config: collectionEcho(info.spec, info.shardNumber),
    payload_schema: {},
  });
}

async function aliasesText(database: Database, collection?: string): Promise<string> {
  const aliases = await database.listAliases(collection);
  return JSON.stringify({ aliases: aliases.map(({ alias, collection: of }) => ({ alias_name: alias, collection_name: of })) });
}
