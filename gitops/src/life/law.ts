/**
 * The law of conditions over a recorded life, read by kstatus. Each word of the operator was true at some moment since its word before:
 * Current only where nothing was left to do, InProgress only where something was since the object was Current, so that nothing flaps
 * without a cause. Failed only where Stalled names what a person can do, and `observedGeneration` is always there.
 *
 * Nodes write the status of shards as well. A version in which nothing of the operator's changed says nothing new.
 */
import { isDeepStrictEqual } from 'node:util';
import { kstatusOf } from '../kstatus.ts';
import { afterVersion, nameOf, nothing, type LifeRecord, type OwnObject, type Snapshot } from './record.ts';
import { unrest, workLeft } from './work-left.ts';

interface Heard {
  readonly object: OwnObject | undefined;
  /** What was stored from that word on, moment by moment. */
  readonly since: readonly Snapshot[];
  /** A cause to work, since it was Current. */
  readonly cause: string | undefined;
}

/** In words; nothing when the law holds. */
export function lawBreaks({ versions }: LifeRecord): readonly string[] {
  const breaks: string[] = [];
  const heard = new Map<string, Heard>();
  let world: Snapshot = nothing;
  for (const version of versions) {
    const after = afterVersion(world, version);
    if (version.kind === 'own') {
      const name = nameOf(version.object);
      const before = heard.get(name) ?? { object: undefined, since: [world], cause: undefined };
      if (version.isDeleted) heard.delete(name);
      else {
        const judged = judge(version.object, before, after);
        breaks.push(...judged.breaks.map((text) => `${name} at ${version.at}: ${text}`));
        heard.set(name, judged.heard);
      }
    }
    for (const [name, each] of heard) heard.set(name, { ...each, since: [...each.since, after] });
    world = after;
  }
  return breaks;
}

function judge(object: OwnObject, before: Heard, after: Snapshot): { readonly breaks: readonly string[]; readonly heard: Heard } {
  const { verdict, message } = kstatusOf(object);
  const isObserved = object.status?.observedGeneration === object.metadata.generation;
  const left = before.since.map((moment) => workLeft(object, moment));
  const cause = before.cause ?? causeOf(object, isObserved, [...before.since, after]);
  if (object.status?.observedGeneration === undefined) return { breaks: ['it has no observedGeneration'], heard: { ...before, cause } };
  if (!isObserved || isDeepStrictEqual(object.status.conditions, before.object?.status?.conditions)) {
    return { breaks: [], heard: { ...before, cause } };
  }
  const heard = { object, since: [], cause: verdict === 'Current' ? undefined : cause };
  if (verdict === 'Current' && !left.includes(undefined)) return { breaks: [`Current while ${left.at(-1)}`], heard };
  if (verdict === 'InProgress' && cause === undefined) return { breaks: [`InProgress without a cause: ${message}`], heard };
  if (verdict === 'Failed' && !remedy.test(message)) return { breaks: [`Failed without a remedy: ${message}`], heard };
  return { breaks: [], heard };
}

/** Messages end in what to do. */
const remedy = /; (see|set|make|bring|delete|put|give|raise|lower|add|take|choose|label|change) /;

function causeOf(object: OwnObject, isObserved: boolean, moments: readonly Snapshot[]): string | undefined {
  if (!isObserved) return 'its spec has changed';
  const [epochs, ...later] = moments.map((moment) => epochsOf(object, moment));
  if (later.some((each) => !isDeepStrictEqual(each, epochs))) return 'a new epoch began';
  return moments.map((moment) => unrest(object, moment)).find((reason) => reason !== undefined);
}

/** In a new epoch a shard serves when its primary says so, which only reports tell. */
function epochsOf({ kind, metadata }: OwnObject, { own }: Snapshot): readonly (number | undefined)[] {
  return [...own.values()].flatMap((each) =>
    each.kind === 'VectorShard' && (kind === 'VectorCollection' ? each.spec.vectorCollection : each.metadata.name) === metadata.name
      ? [each.status?.epoch]
      : [],
  );
}
