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
  const kubectl = async (args: string, input = ''): Promise<string> => (await run(args.split(' '), input)).text;

  test('a walk through the commands', async () => {
    expect(await kubectl('api-resources')).toMatch(/widgets\s+wd\s+contract\.example\/v1\s+true\s+Widget/);
    expect(await kubectl('explain widget.spec.parts')).toMatch(/weight\s*<integer>/);
    expect(await kubectl('apply -f -', manifest('1Gi'))).toMatch('widget.contract.example/a created');
    expect(await kubectl('apply -f -', manifest('2Gi'))).toMatch('widget.contract.example/a configured');
    expect(await kubectl('apply -f -', manifest('2Gi'))).toMatch('widget.contract.example/a unchanged');
    expect(await kubectl('apply --server-side --field-manager=other -f -', manifest('3Gi'))).toMatch(/conflict[\s\S]*\.spec\.size/);
    expect(await kubectl('apply --server-side --force-conflicts --field-manager=other -f -', manifest('3Gi'))).toMatch(
      'serverside-applied',
    );
    expect(await kubectl('apply --dry-run=server -f -', manifest('4Gi'))).toMatch('server dry run');
    expect(await kubectl('apply -f -', manifest('3Gi').replace('size:', 'sise: 1, size:'))).toMatch('unknown field "spec.sise"');
    expect(await kubectl('get wd')).toMatch(/NAME\s+READY\s+REPLICAS\s+AGE\s+a\s+1\s+\d+s/);
    expect(await kubectl('get contract -o name')).toMatch('widget.contract.example/a');
    expect(await kubectl('get wd a -o yaml')).toMatch(/size: 3Gi/);
    expect(await kubectl('scale wd a --replicas=3')).toMatch('scaled');
    expect(await kubectl('patch wd a --type=merge -p {"spec":{"replicas":4}}')).toMatch('patched');
    expect(await kubectl('patch wd a --type=merge -p {"spec":{"mode":"Slow"}}')).toMatch('mode cannot change');
    expect(
      await kubectl('patch wd a --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}'),
    ).toMatch('patched');
    expect(await kubectl('wait --for=condition=Ready wd/a --timeout=10s')).toMatch('condition met');
    expect(await kubectl('describe wd a')).toMatch(/Size:\s+3Gi[\s\S]*Conditions:/);
    expect(await kubectl('label wd a tier=x')).toMatch('labeled');
    expect(await kubectl('delete wd a')).toMatch('deleted');
    expect(await kubectl('get wd')).toMatch('No resources found');
  });

  test('edit goes through the editor', async () => {
    expect(await kubectl('apply -f -', manifest('1Gi').replace('name: a', 'name: edited'))).toMatch('created');
    const { text } = await run(['edit', 'wd', 'edited'], '', { EDITOR: 'sed -i s/replicas:.1/replicas:\\ 2/' });
    expect(text).toContain('edited');
    expect(await kubectl('get wd edited -o jsonpath={.spec.replicas}')).toMatch('2');
  });

  test('built-in kinds: create, describe, events, tokens', async () => {
    expect(await kubectl('create namespace other')).toMatch('namespace/other created');
    expect(await kubectl('create configmap c --from-literal=a=b')).toMatch('created');
    expect(await kubectl('get configmap c -o jsonpath={.data.a}')).toMatch('b');
    expect(await kubectl('create secret generic s --from-literal=a=b')).toMatch('created');
    expect(await kubectl('get secret s -o jsonpath={.data.a}')).toMatch('Yg==');
    expect(await kubectl('create serviceaccount robot')).toMatch('created');
    expect(await kubectl('create token robot')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\s*$/);
    expect(await kubectl('auth can-i create pods')).toMatch('yes');
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: "i:1" }] }\n';
    expect(await kubectl('create -f -', pod)).toMatch('pod/p created');
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
    expect(await kubectl('create -f -', event)).toMatch('created');
    expect(await kubectl('events')).toMatch(/Normal\s+Told\s+Pod\/p\s+something happened/);
    expect(await kubectl('get events')).toMatch(/Told\s+pod\/p\s+something happened/);
    expect(await kubectl('get pods')).toMatch(/p\s+0\/1\s+Pending\s+0\s+\d+s/);
    expect(await kubectl('describe pod p')).toMatch(/Image:\s+i:1/);
    expect(await kubectl('delete pod p --wait')).toMatch('deleted');
    expect(await kubectl('delete namespace other --wait --timeout=20s')).toMatch('deleted');
  });
});
