/** Names of objects that more than one part derives. Equal inputs give equal names; different inputs differ by a hash. */
import { createHash } from 'node:crypto';

const slugLength = 30;

export const nodeAccountSuffix = '-node';

/**
 * VectorCollection object of a collection: `<cluster>-<slug>-<8 hex>`. The slug is for people; the hash tells `A b` from `a-b`.
 * A collection whose name has no letter or digit of a-z0-9 gets no slug.
 */
export function collectionObjectName(cluster: string, collection: string): string {
  return [cluster, slug(collection), hexOfSha256(collection, 8)].filter((part) => part !== '').join('-');
}

/**
 * VectorShard object: `<VectorCollection>-<5 hex of its UID>-<index>`. The UID keeps the shards of a collection that was deleted and
 * made again apart from those still being collected.
 */
export function shardObjectName(vectorCollection: string, vectorCollectionUid: string, index: number): string {
  return `${vectorCollection}-${hexOfSha256(vectorCollectionUid, 5)}-${index}`;
}

/** ServiceAccount of a cluster's storage nodes; admission policies know a node's cluster by it. */
export function nodeAccountName(cluster: string): string {
  return `${cluster}${nodeAccountSuffix}`;
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, slugLength)
    .replaceAll(/^-|-$/g, '');
}

function hexOfSha256(text: string, digits: number): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, digits);
}
