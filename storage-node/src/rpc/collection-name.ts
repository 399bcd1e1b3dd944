import { collectionName } from '@vectorcluster/crds/vector-collection.ts';
import { RequestRuleError } from './errors.ts';

/** The name itself when a collection may be called so; throws RequestRuleError. Only creation checks: no other name can ever be found. */
export function newCollectionName(name: string): string {
  if (collectionName.safeParse(name).success && name !== '.' && name !== '..') return name;
  const rule = 'a name has 1 to 255 characters, none of < > : " / \\ | ? * or a control character, and is not . or ..';
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  throw new RequestRuleError(`Validation error in path parameters: [collection_name: value ${shown} invalid, ${rule}]`);
}
