/**
 * What becomes of a copy whose VectorShard is not there. Pure.
 *
 * A collection takes its data with it when it is deleted. A VectorShard that is missing while its collection is there was deleted by
 * mistake, alone or with its CustomResourceDefinition. A cluster that is deleted takes its objects along, and its deletionPolicy says what
 * becomes of the volumes: what they hold is not for a node to delete.
 */
import type { ObjectMeta } from '@vectorcluster/crds/meta.ts';

/** An object as it is now, undefined when it is not there, and the UID that it had when the copy was made. */
export interface Owner {
  readonly uid: string;
  readonly now: { readonly metadata: ObjectMeta } | undefined;
}

export interface OwnersOfShard {
  /** A VectorCluster. */
  readonly cluster: Owner;
  /** A VectorCollection. */
  readonly collection: Owner;
}

/** Why its data are kept; undefined when they may go. */
export function keptBecause({ cluster, collection }: OwnersOfShard): string | undefined {
  if (!lives(cluster)) return 'the VectorCluster is deleted, and its deletionPolicy says what becomes of the volume';
  if (lives(collection)) {
    return `its VectorCollection ${collection.now?.metadata.name} is there, so the VectorShard was not deleted with the collection but by mistake`;
  }
  return undefined;
}

function lives({ uid, now }: Owner): boolean {
  return now !== undefined && now.metadata.uid === uid && now.metadata.deletionTimestamp === undefined;
}
