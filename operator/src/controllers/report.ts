/** What became of steps, told where people look: Events, the log, metrics. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { StepFailure } from '../plan/step-failure.ts';
import { reasonOf } from '../plan/plan-nodes.ts';
import type { OperatorContext } from './controller.ts';

type Conditioned = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined };

interface Told {
  readonly kind: string;
  readonly object: string;
  readonly because: string;
}

interface Outcome {
  readonly done: readonly Told[];
  readonly failures: readonly StepFailure[];
}

/** Steps of bookkeeping that nobody needs an Event for. */
const quietKinds = new Set(['wait', 'note-first-ready', 'adopt-collection']);

export function reportSteps(context: OperatorContext, controller: string, about: KubeObject, { done, failures }: Outcome): void {
  const { events, log, metrics } = context;
  for (const { kind, object, because } of done) {
    if (kind === 'wait') continue;
    metrics.stepDone(controller, kind);
    log.info({ step: kind, object, because, namespace: about.metadata.namespace }, 'step done');
  }
  for (const { reason, message } of eventTexts(done)) events.event(about, { type: 'Normal', reason, message });
  for (const { object, message } of failures) {
    metrics.stepFailed(controller);
    events.event(about, { type: 'Warning', reason: 'StepFailed', message: `${object}: ${message}` });
  }
}

/** What waits for a person, when it begins to and when it becomes something else. */
export function reportStall({ events }: OperatorContext, about: Conditioned, now: readonly Condition[] | undefined): void {
  const [before, after] = [about.status?.conditions, now].map((conditions) => conditions?.find(({ type }) => type === 'Stalled'));
  if (after?.status !== 'True' || (before?.status === 'True' && before.reason === after.reason)) return;
  events.event(about, { type: 'Warning', reason: after.reason, message: after.message });
}

/** Changes of leadership that a person may have noticed. */
const toldOfCollections = new Set(['fail-over', 'raise-epoch', 'name-another', 'hand-over', 'withdraw-hand-over']);

/** Said without the name of the shard, so that a node with a hundred primaries is one Event with a count. */
export function reportToCollection({ caches, events }: OperatorContext, { metadata, spec }: VectorShard, steps: readonly Told[]): void {
  const collection = caches.collections.get(metadata.namespace, spec.vectorCollection);
  if (collection === undefined) return;
  for (const { kind, because } of steps) {
    if (toldOfCollections.has(kind)) events.event(collection, { type: 'Normal', reason: reasonOf(kind), message: `a shard: ${because}` });
  }
}

/** One Event per kind of step: a collection of a hundred shards is one line. */
function eventTexts(done: readonly Told[]): readonly { readonly reason: string; readonly message: string }[] {
  const byKind = Map.groupBy(
    done.filter(({ kind }) => !quietKinds.has(kind)),
    ({ kind }) => kind,
  );
  return [...byKind].flatMap(([kind, steps]) => {
    if (steps.length <= 3) return steps.map(({ object, because }) => ({ reason: reasonOf(kind), message: `${object} because ${because}` }));
    const [first] = steps;
    const more = first === undefined ? '' : `${first.object} because ${first.because}`;
    return [{ reason: reasonOf(kind), message: `${more}; and ${steps.length - 1} more of the kind` }];
  });
}
