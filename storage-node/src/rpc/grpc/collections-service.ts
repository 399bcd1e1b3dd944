import type { ServiceHandlers } from '@vectorcluster/proto/grpc-adapter.ts';
import type {
  AliasOperations,
  ChangeAliases,
  CollectionExistsRequest,
  CreateCollection,
  DeleteCollection,
  GetCollectionInfoRequest,
  ListAliasesRequest,
  ListCollectionAliasesRequest,
  ListCollectionsRequest,
} from '@vectorcluster/proto/gen/qdrant/collections_pb.ts';
import type { Collections } from '@vectorcluster/proto/gen/qdrant/collections_service_pb.ts';
import type { Alias, AliasAction, Database } from '../../coordinator/database.ts';
import { newCollectionName } from '../collection-name.ts';
import { RequestFormatError } from '../errors.ts';
import type { Handle } from './call.ts';
import { fromCreateCollection, toCollectionInfo } from './collections.ts';

export function collectionHandlers(database: Database, handle: Handle): ServiceHandlers<typeof Collections> {
  return {
    list: handle('list collections', async (_request: ListCollectionsRequest) => {
      const names = await database.listCollections();
      return { collections: names.map((name) => ({ name })) };
    }),
    get: handle('get collection', async ({ collectionName }: GetCollectionInfoRequest, context) => ({
      result: toCollectionInfo(await database.collectionInfo(collectionName, context)),
    })),
    collectionExists: handle('collection exists', async ({ collectionName }: CollectionExistsRequest) => ({
      result: { exists: await database.collectionExists(collectionName) },
    })),
    create: handle('create collection', async (request: CreateCollection, context) => {
      await database.createCollection(newCollectionName(request.collectionName), fromCreateCollection(request), context);
      return { result: true };
    }),
    delete: handle('delete collection', async ({ collectionName }: DeleteCollection, context) => ({
      result: await database.deleteCollection(collectionName, context),
    })),
    updateAliases: handle('change aliases', async ({ actions }: ChangeAliases, context) => {
      await database.changeAliases(actions.map(fromAction), context);
      return { result: true };
    }),
    listAliases: handle('list aliases', async (_request: ListAliasesRequest) => ({ aliases: (await database.listAliases()).map(toAlias) })),
    listCollectionAliases: handle('list aliases of a collection', async ({ collectionName }: ListCollectionAliasesRequest) => ({
      aliases: (await database.listAliases(collectionName)).map(toAlias),
    })),
  };
}

function fromAction({ action }: AliasOperations): AliasAction {
  switch (action.case) {
    case 'createAlias':
      return { kind: 'create', collection: action.value.collectionName, alias: newCollectionName(action.value.aliasName) };
    case 'deleteAlias':
      return { kind: 'delete', alias: action.value.aliasName };
    case 'renameAlias':
      return { kind: 'rename', from: action.value.oldAliasName, to: newCollectionName(action.value.newAliasName) };
    case undefined:
      throw new RequestFormatError('an alias action is empty');
  }
}

function toAlias({ alias, collection }: Alias) {
  return { aliasName: alias, collectionName: collection };
}
