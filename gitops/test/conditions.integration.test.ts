/** What conditions promise, over a recorded life on a local cluster: real processes, every version of every object. */
import { LocalClusterUnderTest } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import type { Verdict } from '../src/kstatus.ts';
import { lawBreaks } from '../src/life/law.ts';
import { recordLife } from '../src/life/life.ts';
import { verdictPath } from '../src/life/verdict-path.ts';
import { expect, test } from 'vitest';

const worked: readonly Verdict[] = ['Current', 'InProgress', 'Current'];
const mended: readonly Verdict[] = ['Failed', 'InProgress', 'Current'];
const stuck: readonly Verdict[] = ['Current', 'InProgress', 'Failed'];

/** Of the cluster and of its pool. */
const paths: Readonly<Record<string, readonly Verdict[]>> = {
  created: ['InProgress', 'Current'],
  'collection made': ['Current'],
  'other image': worked,
  'other resources': worked,
  'process killed': worked,
  paused: ['Current', 'InProgress'],
  resumed: ['InProgress', 'Current'],
  'missing image': stuck,
  'image put back': mended,
  'scaled out': worked,
  'zone without nodes': stuck,
  'zone taken out': mended,
  'more copies than nodes': ['Current'],
  'fewer copies': ['Current'],
  'scaled in': worked,
};

/** Of the collection: before and after. What is between has its cause in copies that move. */
const endsOfCollection: Readonly<Record<string, readonly [Verdict, Verdict]>> = {
  'collection made': ['InProgress', 'Current'],
  'process killed': ['Current', 'Current'],
  'more copies than nodes': ['Current', 'Failed'],
  'fewer copies': ['Failed', 'Current'],
};

test(
  'conditions are true at every moment: never Current while work is left, Failed only with a remedy, no flapping',
  { timeout: 900_000 },
  async () => {
    await using local = await LocalClusterUnderTest.startEmpty();
    const record = await recordLife(local);
    expect(lawBreaks(record)).toEqual([]);
    const told = (stagesOfLife: readonly string[], object: string) =>
      Object.fromEntries(stagesOfLife.map((stage) => [stage, verdictPath(record, stage, object)]));
    expect(told(Object.keys(paths), 'VectorCluster shop')).toEqual(paths);
    expect(told(Object.keys(paths), 'VectorPool shop-data')).toEqual(paths);
    const ofCollection = Object.entries(told(Object.keys(endsOfCollection), 'VectorCollection shop-products'));
    expect(Object.fromEntries(ofCollection.map(([stage, path]) => [stage, [path.at(0), path.at(-1)]]))).toEqual(endsOfCollection);
  },
);
