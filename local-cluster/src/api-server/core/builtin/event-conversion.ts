/** events.k8s.io/v1 and v1 Events are one object under two sets of names. */
import type { JsonObject } from '../json.ts';

const names: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
];

export function toCoreEvent(event: JsonObject): JsonObject {
  return { ...renamed(event, new Map(names.map(([core, events]) => [events, core]))), apiVersion: 'v1' };
}

export function fromCoreEvent(event: JsonObject): JsonObject {
  return { ...renamed(event, new Map(names)), apiVersion: 'events.k8s.io/v1' };
}

function renamed(event: JsonObject, to: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [to.get(name) ?? name, value]));
}
