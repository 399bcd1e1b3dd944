/** Changes of aliases, all of one request or none. */
import { collectionName } from '@vectorcluster/crds/vector-collection.ts';
import { z } from 'zod';
import type { AliasAction } from '../../coordinator/database.ts';
import type { BodyObject } from '../../json/lossless-json.ts';
import { parseFields } from './body-schema.ts';

const name = z.string();
const action = z.union([
  z
    .strictObject({ create_alias: z.strictObject({ collection_name: name, alias_name: collectionName }) })
    .transform(({ create_alias }): AliasAction => ({
      kind: 'create',
      collection: create_alias.collection_name,
      alias: create_alias.alias_name,
    })),
  z
    .strictObject({ delete_alias: z.strictObject({ alias_name: name }) })
    .transform(({ delete_alias }): AliasAction => ({ kind: 'delete', alias: delete_alias.alias_name })),
  z
    .strictObject({ rename_alias: z.strictObject({ old_alias_name: name, new_alias_name: collectionName }) })
    .transform(({ rename_alias }): AliasAction => ({ kind: 'rename', from: rename_alias.old_alias_name, to: rename_alias.new_alias_name })),
]);

const aliasChange = z.strictObject({ actions: z.array(action).max(1024) });

export function readAliasActions(body: BodyObject): readonly AliasAction[] {
  return parseFields(aliasChange, body).actions;
}
