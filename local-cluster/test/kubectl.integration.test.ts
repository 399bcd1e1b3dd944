/** The commands of a kubectl user, against the embedded API server, by the kubectl they have. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controlPlanes } from '../src/testing/control-planes.ts';
import { widgetDefinition } from './contract/widget-definition.ts';

const folders = [process.env['KUBEBUILDER_ASSETS'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter)];
const kubectlPath = folders
  .filter((folder) => folder !== '')
  .map((folder) => join(folder, 'kubectl'))
  .find((path) => existsSync(path));

if (kubectlPath === undefined) process.stderr.write('kubectl tests are skipped: no kubectl in KUBEBUILDER_ASSETS or on PATH\n');

const manifest = (size: string): string => `apiVersion: contract.example/v1
kind: Widget
metadata: { name: a, labels: { app: x } }
spec: { size: ${size}, replicas: 1 }
`;

interface Outcome {
  readonly code: number;
  readonly text: string;
}

describe.skipIf(kubectlPath === undefined)('kubectl', () => {
  const cleanup = new AsyncDisposableStack();
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const embedded = controlPlanes().find((plane) => plane.name === 'embedded');
    if (embedded === undefined) throw new Error('there is no embedded control plane');
    const running = cleanup.use(await embedded.start({ crds: [widgetDefinition] }));
    await writeFile(join(folder, 'kubeconfig'), running.kubeconfig);
  });
  afterAll(() => cleanup.disposeAsync());

  const run = (args: readonly string[], input = '', environment: Record<string, string> = {}): Promise<Outcome> =>
    new Promise((resolve) => {
      const child = execFile(
        kubectlPath ?? '',
        ['--kubeconfig', join(folder, 'kubeconfig'), '--cache-dir', join(folder, 'cache'), ...args],
        { env: { PATH: process.env['PATH'], HOME: folder, ...environment }, timeout: 30_000 },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, text: stdout + stderr }),
      );
      child.stdin?.end(input);
    });
  const says = async (args: string, words: string | RegExp, input = ''): Promise<void> => {
    const { text } = await run(args.split(' '), input);
    expect(text, `kubectl ${args}`).toMatch(words);
  };

  test('a walk through the commands', async () => {
    await says('api-resources', /widgets\s+wd\s+contract\.example\/v1\s+true\s+Widget/);
    await says('explain widget.spec.parts', /weight\s*<integer>/);
    await says('apply -f -', 'widget.contract.example/a created', manifest('1Gi'));
    await says('apply -f -', 'widget.contract.example/a configured', manifest('2Gi'));
    await says('apply -f -', 'widget.contract.example/a unchanged', manifest('2Gi'));
    await says('apply --server-side --field-manager=other -f -', /conflict[\s\S]*\.spec\.size/, manifest('3Gi'));
    await says('apply --server-side --force-conflicts --field-manager=other -f -', 'serverside-applied', manifest('3Gi'));
    await says('apply --dry-run=server -f -', 'server dry run', manifest('4Gi'));
    await says('apply -f -', 'unknown field "spec.sise"', manifest('3Gi').replace('size:', 'sise: 1, size:'));
    await says('get wd', /NAME\s+READY\s+REPLICAS\s+AGE\s+a\s+1\s+\d+s/);
    await says('get contract -o name', 'widget.contract.example/a');
    await says('get wd a -o yaml', /size: 3Gi/);
    await says('scale wd a --replicas=3', 'scaled');
    await says('patch wd a --type=merge -p {"spec":{"replicas":4}}', 'patched');
    await says('patch wd a --type=merge -p {"spec":{"mode":"Slow"}}', 'mode cannot change');
    await says('patch wd a --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}', 'patched');
    await says('wait --for=condition=Ready wd/a --timeout=10s', 'condition met');
    await says('describe wd a', /Size:\s+3Gi[\s\S]*Conditions:/);
    await says('label wd a tier=x', 'labeled');
    await says('delete wd a', 'deleted');
    await says('get wd', 'No resources found');
  });

  test('edit goes through the editor', async () => {
    await says('apply -f -', 'created', manifest('1Gi').replace('name: a', 'name: edited'));
    const { text } = await run(['edit', 'wd', 'edited'], '', { EDITOR: 'sed -i s/replicas:.1/replicas:\\ 2/' });
    expect(text).toContain('edited');
    await says('get wd edited -o jsonpath={.spec.replicas}', '2');
  });

  test('built-in kinds: create, describe, events, tokens', async () => {
    await says('create namespace other', 'namespace/other created');
    await says('create configmap c --from-literal=a=b', 'created');
    await says('get configmap c -o jsonpath={.data.a}', 'b');
    await says('create secret generic s --from-literal=a=b', 'created');
    await says('get secret s -o jsonpath={.data.a}', 'Yg==');
    await says('create serviceaccount robot', 'created');
    await says('create token robot', /^[\w-]+\.[\w-]+\.[\w-]+\s*$/);
    await says('auth can-i create pods', 'yes');
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: "i:1" }] }\n';
    await says('create -f -', 'pod/p created', pod);
    const event = `apiVersion: v1
kind: Event
metadata: { name: p.1, namespace: default }
involvedObject: { kind: Pod, name: p, namespace: default, apiVersion: v1 }
reason: Told
message: something happened
type: Normal
firstTimestamp: "2026-01-01T00:00:00Z"
lastTimestamp: "2026-01-01T00:00:00Z"
count: 1
`;
    await says('create -f -', 'created', event);
    await says('events', /Normal\s+Told\s+Pod\/p\s+something happened/);
    await says('get events', /Told\s+pod\/p\s+something happened/);
    await says('get pods', /p\s+0\/1\s+Pending\s+0\s+\d+s/);
    await says('describe pod p', /Image:\s+i:1/);
    await says('delete pod p --wait', 'deleted');
    await says('delete namespace other --wait --timeout=20s', 'deleted');
  });
});
