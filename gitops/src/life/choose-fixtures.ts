/** Versions of a recorded life that show one thing each, for the tests of what Argo CD and Flux make of them. */
import { kstatusOf, type Verdict } from '../kstatus.ts';
import { nameOf, versionsIn, type LifeRecord, type OwnObject } from './record.ts';

/** As Argo CD calls it. */
export type Health = 'Progressing' | 'Healthy' | 'Degraded' | 'Suspended';

export interface Fixture {
  /** Without its ending. */
  readonly name: string;
  readonly object: OwnObject;
  readonly health: Health;
  /** What a person reads. */
  readonly message: string;
}

interface Choice {
  readonly name: string;
  /** Its name, or any of a kind. */
  readonly object: string;
  readonly stage: string;
  readonly verdict: Verdict;
  readonly health: Health;
  /** Condition whose message tells why; none before the operator has looked. */
  readonly told?: string;
  /** First of the stage instead of last. */
  readonly isFirst?: true;
}

const cluster = 'VectorCluster shop';
const pool = 'VectorPool shop-data';
const collection = 'VectorCollection shop-products';

const choices: readonly Choice[] = [
  { name: 'cluster-unseen', object: cluster, stage: 'created', verdict: 'InProgress', health: 'Progressing', isFirst: true },
  { name: 'cluster-starting', object: cluster, stage: 'created', verdict: 'InProgress', health: 'Progressing', told: 'Reconciling' },
  { name: 'cluster-ready', object: cluster, stage: 'created', verdict: 'Current', health: 'Healthy', told: 'Ready' },
  { name: 'cluster-spec-changed', object: cluster, stage: 'other image', verdict: 'InProgress', health: 'Progressing', isFirst: true },
  { name: 'cluster-rolling', object: cluster, stage: 'other image', verdict: 'InProgress', health: 'Progressing', told: 'Reconciling' },
  {
    name: 'cluster-node-away',
    object: cluster,
    stage: 'process killed',
    verdict: 'InProgress',
    health: 'Progressing',
    told: 'Reconciling',
  },
  { name: 'cluster-paused', object: cluster, stage: 'paused', verdict: 'InProgress', health: 'Suspended', told: 'Reconciling' },
  { name: 'cluster-missing-image', object: cluster, stage: 'missing image', verdict: 'Failed', health: 'Degraded', told: 'Stalled' },
  {
    name: 'cluster-zone-without-nodes',
    object: cluster,
    stage: 'zone without nodes',
    verdict: 'Failed',
    health: 'Degraded',
    told: 'Stalled',
  },
  { name: 'pool-unseen', object: pool, stage: 'created', verdict: 'InProgress', health: 'Progressing', isFirst: true },
  { name: 'pool-ready', object: pool, stage: 'created', verdict: 'Current', health: 'Healthy', told: 'Ready' },
  { name: 'pool-scaling', object: pool, stage: 'scaled out', verdict: 'InProgress', health: 'Progressing', told: 'Reconciling' },
  { name: 'pool-missing-image', object: pool, stage: 'missing image', verdict: 'Failed', health: 'Degraded', told: 'Stalled' },
  { name: 'collection-unseen', object: collection, stage: 'collection made', verdict: 'InProgress', health: 'Progressing', isFirst: true },
  { name: 'collection-ready', object: collection, stage: 'collection made', verdict: 'Current', health: 'Healthy', told: 'Ready' },
  {
    name: 'collection-copy-missing',
    object: collection,
    stage: 'missing image',
    verdict: 'InProgress',
    health: 'Progressing',
    told: 'Reconciling',
  },
  {
    name: 'collection-too-few-nodes',
    object: collection,
    stage: 'more copies than nodes',
    verdict: 'Failed',
    health: 'Degraded',
    told: 'Stalled',
  },
  { name: 'shard-unseen', object: 'VectorShard', stage: 'collection made', verdict: 'InProgress', health: 'Progressing', isFirst: true },
  { name: 'shard-ready', object: 'VectorShard', stage: 'collection made', verdict: 'Current', health: 'Healthy', told: 'Ready' },
  {
    name: 'shard-copy-missing',
    object: 'VectorShard',
    stage: 'missing image',
    verdict: 'InProgress',
    health: 'Progressing',
    told: 'Reconciling',
  },
];

export function chooseFixtures(record: LifeRecord): readonly Fixture[] {
  return choices.map((choice) => {
    const found = versionsIn(record, choice.stage)
      .map(({ object }) => object)
      .filter((object) => isChosen(object, choice));
    const object = choice.isFirst === true ? found[0] : found.at(-1);
    if (object === undefined) throw new Error(`nothing recorded shows ${choice.name}`);
    const told = object.status?.conditions?.find(({ type }) => type === choice.told)?.message;
    return { name: choice.name, object, health: choice.health, message: told ?? 'the operator has not looked at the latest spec yet' };
  });
}

function isChosen(object: OwnObject, { object: nameOrKind, verdict, told }: Choice): boolean {
  const isTold = told === undefined || object.status?.observedGeneration === object.metadata.generation;
  const isMeant = nameOf(object) === nameOrKind || object.kind === nameOrKind;
  return isMeant && isTold && kstatusOf(object).verdict === verdict;
}
