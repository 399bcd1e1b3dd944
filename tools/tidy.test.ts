/** The house rules hold for every tracked file, and each of them catches a planted violation. */
/* oxlint-disable no-useless-concat -- what is planted here must not be found in this very file */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { importViolations } from './tidy/check-imports.ts';
import { houseRules, type SourceFile } from './tidy/house-rules.ts';
import { importsOf } from './tidy/imports.ts';

const root = new URL('../', import.meta.url);
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(new URL(path, root)));
const isGenerated = (path: string): boolean => /(^|\/)gen(erated)?\//.test(path);
const sources: readonly SourceFile[] = tracked
  .filter((path) => /\.(ts|cc|hpp)$/.test(path) && !isGenerated(path))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

test('every import is one that the table allows', () => {
  const violations = sources
    .filter(({ path }) => path.endsWith('.ts'))
    .flatMap(({ path, text }) => importViolations(path, importsOf(path, text)));
  expect(violations).toEqual([]);
});

test('every file keeps the house rules', () => {
  expect(sources.flatMap((file) => houseRules.flatMap((rule) => rule(file) ?? []))).toEqual([]);
});

test('no file says where or how it was made, or names a host of a registry', () => {
  const words = new RegExp(['/ro' + 'ot/', 'registry\\.npm' + 'js', 'py' + 'pi\\.org', 'BEGIN (RSA |EC )?PRIVATE' + ' KEY'].join('|'));
  const texts = tracked.filter((path) => !/\.(bin|gz|png)$/.test(path));
  expect(texts.filter((path) => words.test(readFileSync(new URL(path, root), 'utf8')))).toEqual([]);
});

test('every golden file is compared by a test beside it', () => {
  const tests = sources.filter(({ path }) => path.endsWith('.test.ts'));
  const unused = tracked
    .filter((path) => path.endsWith('.golden'))
    .filter((path) => {
      const folder = path.replace(/\/testdata\/.*/, '/');
      return !tests.some((file) => file.path.startsWith(folder) && file.text.includes('.golden'));
    });
  expect(unused).toEqual([]);
});

test.for([
  ['operator/src/plan/plan-cluster.ts', "import { KubeClient } from '@vectorcluster/kube/client.ts';", 'a plan is a value'],
  ['operator/src/plan/plan-cluster.ts', "import { readFile } from 'node:fs/promises';", 'a plan is a value'],
  ['operator/src/main.ts', "import { openLog } from '@vectorcluster/engine/log/node-log.ts';", 'the operator holds no data'],
  ['operator/src/resources/pod.ts', "import type { KubeClient } from '@vectorcluster/kube/client.ts';", 'touch nothing'],
  ['storage-node/src/main.ts', "import { plan } from '@vectorcluster/operator/plan/plan.ts';", 'share proto, crds and kube only'],
  ['storage-node/src/replication/primary.ts', "import { setTimeout } from 'node:timers/promises';", 'own types and assert only'],
  ['storage-node/src/replication/primary.ts', "import { Replica } from '../shard/replica.ts';", 'own types and assert only'],
  ['storage-node/src/topology/watch.ts', "import { KubeConfig } from '@kubernetes/client-node';", 'only kube/'],
  ['crds/src/vector-cluster.ts', "import { pino } from 'pino';", 'zod schemas'],
  ['engine/src/log/node-log.ts', "import { group } from '@vectorcluster/crds/meta.ts';", 'nothing of ours'],
  ['charts/src/chart-files.ts', "import { operatorVersion } from '@vectorcluster/operator/version.ts';", 'made of the public API'],
  ['local-cluster/src/images.ts', "const x = await import('@vectorcluster/operator/main.ts');", 'as a process'],
])('the table catches a planted import in %s: %s', ([path = '', text = '', because = '']) => {
  const violations = importViolations(path, importsOf(path, text));
  expect(violations).toHaveLength(1);
  expect(violations[0]).toContain(because);
});

test.for<[string, string, string]>([
  ['kube/src/long.ts', 'x\n'.repeat(301), 'more than 300'],
  ['kube/src/utils/retry.ts', '', 'says nothing'],
  ['kube/src/index.ts', '', 'not from an index'],
  ['kube/src/all.ts', "export * from './client.ts';", 're-exports'],
  ['kube/src/workQueue.ts', '', 'kebab-case'],
  ['kube/src/queue.ts', '// TO' + 'DO later', 'do it'],
  ['kube/src/queue.test.ts', 'test.on' + "ly('x', () => {});", 'singles out'],
  ['kube/src/queue.test.ts', 'vi.mo' + "ck('./client.ts');", 'mocks a module'],
])('a house rule catches a planted %s', ([path, text, problem]) => {
  const found = houseRules.flatMap((rule) => rule({ path, text }) ?? []);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(problem);
});
