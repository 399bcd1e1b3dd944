/** Records a life on a local cluster and keeps what it shows for the tests of health checks. Run by hand when conditions have changed. */
import { LocalClusterUnderTest } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { writeFixtures } from './argocd/write-fixtures.ts';
import { chooseFixtures } from './life/choose-fixtures.ts';
import { lawBreaks } from './life/law.ts';
import { recordLife } from './life/life.ts';

await using local = await LocalClusterUnderTest.startEmpty();
const record = await recordLife(local);
const broken = lawBreaks(record);
if (broken.length > 0) throw new Error(`the conditions are not right, so they are not kept: ${broken.join('; ')}`);
writeFixtures(chooseFixtures(record));
