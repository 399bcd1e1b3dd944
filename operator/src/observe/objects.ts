import { labels } from '@vectorcluster/crds/labels.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { ObjectState, ObservedObject } from '../plan/observed-nodes.ts';
import type { BuiltObject } from '../resources/built-object.ts';
import { differenceOf } from './difference.ts';

/** How a live object stands to the one that was built for it. */
export function observeObject(wanted: BuiltObject, live: KubeObject | undefined): ObservedObject {
  return { kind: wanted.kind, name: wanted.metadata.name, state: stateOf(wanted, live) };
}

function stateOf(wanted: BuiltObject, live: KubeObject | undefined): ObjectState {
  if (live === undefined) return { kind: 'missing' };
  const owner = foreignOwner(wanted, live);
  if (owner !== undefined) return { kind: 'foreign', owner };
  const difference = differenceOf(live, wanted);
  return difference === undefined ? { kind: 'current' } : { kind: 'different', difference };
}

/** Who has an object that we would have made; undefined when it is ours. Volumes that stayed behind have no owner, but our labels. */
export function foreignOwner(wanted: BuiltObject, live: KubeObject): string | undefined {
  const ours = controllerOf(wanted);
  const theirs = controllerOf(live);
  if (ours?.uid !== theirs?.uid) return theirs === undefined ? 'nobody that this operator knows' : `${theirs.kind} ${theirs.name}`;
  if (ours !== undefined) return undefined;
  if (clusterOf(wanted) === clusterOf(live)) return undefined;
  return clusterOf(live) === undefined ? 'nobody that this operator knows' : `VectorCluster ${clusterOf(live)}`;
}

function controllerOf({ metadata }: KubeObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

function clusterOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[labels.cluster];
}
