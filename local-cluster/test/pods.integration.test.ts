/** What a Pod's status says and its processes do, over the embedded API server, with a small program for an image. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { pods } from '@vectorcluster/kube/types/core.ts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startedAt } from '../src/kubelet/process-record.ts';
import { KubernetesConnection } from '../src/testing/kubernetes-connection.ts';
import { startMachineUnderTest, type MachineUnderTest } from '../src/testing/machine-under-test.ts';

let machine: MachineUnderTest;
beforeAll(async () => {
  machine = await startMachineUnderTest();
});
afterAll(() => machine[Symbol.asyncDispose]());

const container = (pod: Pod | undefined) => pod?.status?.containerStatuses?.[0];
const isReady = (pod: Pod | undefined): boolean => container(pod)?.ready === true;
const waitsFor = (reason: string) => (pod: Pod | undefined) => container(pod)?.state?.waiting?.reason === reason;
const isGone = (pod: Pod | undefined): boolean => pod === undefined;
const exits = (code: number) => [{ name: 'main', env: [{ name: 'EXIT_CODE', value: String(code) }] }];

async function environmentOf(pod: Pod | undefined): Promise<Record<string, unknown>> {
  const value: unknown = await (await fetch(`http://${pod?.status?.podIP}:8080/environment`)).json();
  return { ...Object(value) };
}

const pidOf = async (pod: Pod | undefined): Promise<number> => Number((await environmentOf(pod))['PID']);

test('a Pod has a token of its own, which says which Pod it is and ends with it', async () => {
  const { metadata } = await machine.createPod('known');
  const pod = await machine.until('known', isReady);
  const kubeconfig = await readFile(`${machine.stateFolder}/pods/${metadata.uid}/kubeconfig`, 'utf8');
  const connection = KubernetesConnection.fromKubeconfig(kubeconfig);
  onTestFinished(() => connection.close());
  const whoAmI = () => connection.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} });
  expect((await whoAmI()).body['status']).toMatchObject({
    userInfo: {
      username: 'system:serviceaccount:default:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/pod-name': ['known'],
        'authentication.kubernetes.io/pod-uid': [metadata.uid],
        'authentication.kubernetes.io/node-name': [pod?.spec?.nodeName],
      },
    },
  });
  await machine.client.delete(pods, 'known', 'default');
  await machine.until('known', isGone);
  expect((await whoAmI()).code).toBe(401);
});

test('a Pod runs, is ready, and its containers get what its spec says', async () => {
  const { metadata } = await machine.createPod('plain', {
    volumes: [{ name: 'scratch', emptyDir: {} }],
    containers: [
      {
        name: 'main',
        command: [process.execPath, new URL('../src/testing/test-container.ts', import.meta.url).pathname],
        args: ['--data=x', '/var/data/below'],
        env: [
          { name: 'DATA_DIR', value: '/var/data' },
          { name: 'BESIDE', value: '/var/database' },
          { name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'WHERE', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
        volumeMounts: [{ name: 'scratch', mountPath: '/var/data' }],
      },
    ],
  });
  const pod = await machine.until('plain', isReady);
  expect(pod?.status).toMatchObject({ phase: 'Running', containerStatuses: [{ started: true, restartCount: 0 }] });
  const folder = `${machine.stateFolder}/pods/${metadata.uid}/volumes/scratch`;
  expect(await environmentOf(pod)).toMatchObject({
    DATA_DIR: folder,
    ARGS: `--data=x ${folder}/below`,
    BESIDE: '/var/database',
    ME: 'plain',
    WHERE: pod?.status?.podIP,
    LISTEN_HOST: pod?.status?.podIP,
    KUBECONFIG: `${machine.stateFolder}/pods/${metadata.uid}/kubeconfig`,
  });
  const file = `http://${pod?.status?.podIP}:8080/files/note`;
  expect(await (await fetch(file, { method: 'PUT', body: 'hello' })).text()).toBe('hello');

  const pid = await pidOf(pod);
  await machine.client.delete(pods, 'plain', 'default');
  await machine.until('plain', isGone);
  expect(await startedAt(pid)).toBeUndefined();

  await machine.createPod('plain', { volumes: [{ name: 'scratch', emptyDir: {} }] });
  const second = await machine.until('plain', isReady);
  expect(second?.metadata.uid).not.toBe(metadata.uid);
  expect(await pidOf(second)).not.toBe(pid);
});

test('what ends again and again waits longer each time and says so', async () => {
  await machine.createPod('crashing', { containers: exits(3) });
  const pod = await machine.until('crashing', (each) => waitsFor('CrashLoopBackOff')(each) && (container(each)?.restartCount ?? 0) >= 2);
  expect(container(pod)).toMatchObject({
    ready: false,
    state: { waiting: { message: 'back-off 1s restarting failed container=main pod=crashing' } },
    lastState: { terminated: { exitCode: 3, reason: 'Error' } },
  });
  expect(pod?.status?.phase).toBe('Running');
});

test('what a process wrote as its last words is in the status of its container', async () => {
  const env = [
    { name: 'EXIT_CODE', value: '1' },
    { name: 'LAST_WORDS', value: 'no room' },
  ];
  await machine.createPod('talkative', { restartPolicy: 'Never', containers: [{ name: 'main', env }] });
  const pod = await machine.until('talkative', (each) => each?.status?.phase === 'Failed');
  expect(container(pod)?.state?.terminated).toMatchObject({ exitCode: 1, message: 'no room' });
});

test.for([
  ['Never', 0, 'Succeeded'],
  ['Never', 3, 'Failed'],
  ['OnFailure', 0, 'Succeeded'],
] as const)('restart policy %s and exit code %i: %s', async ([restartPolicy, code, phase]) => {
  const name = `${restartPolicy.toLowerCase()}-${code}`;
  await machine.createPod(name, { restartPolicy, containers: exits(code) });
  const pod = await machine.until(name, (each) => each?.status?.phase === phase);
  expect(container(pod)).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: code } } });
});

test('an image that is not there is pulled again and again, in words of kubelets', async () => {
  await machine.createPod('unknown', { containers: [{ name: 'main', image: 'test/container:2' }] });
  const message = 'image test/container has no tag 2; this local cluster has 1';
  expect(container(await machine.until('unknown', waitsFor('ErrImagePull')))?.state?.waiting?.message).toBe(message);
  const pod = await machine.until('unknown', waitsFor('ImagePullBackOff'));
  expect(container(pod)?.state?.waiting?.message).toBe(message);
  expect(pod?.status?.phase).toBe('Pending');
});

test('what cannot be filled in is told by name', async () => {
  const env = [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];
  await machine.createPod('secretive', { containers: [{ name: 'main', env }] });
  const pod = await machine.until('secretive', waitsFor('CreateContainerConfigError'));
  expect(container(pod)?.state?.waiting?.message).toBe('env PASSWORD: only value and fieldRef are known to a local cluster');
});

test('a Pod that fits no node says why, and goes where it fits once there is one', async () => {
  await machine.createPod('choosy', { nodeSelector: { 'topology.kubernetes.io/zone': 'c' } });
  const pod = await machine.until('choosy', (each) => each?.status?.conditions?.[0]?.reason === 'Unschedulable');
  expect(pod?.status).toMatchObject({
    phase: 'Pending',
    conditions: [{ message: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector." }],
  });
  await machine.addNode('local-c', 'c');
  expect((await machine.until('choosy', isReady))?.spec?.nodeName).toBe('local-c');
});

test('what ignores SIGTERM is killed after its grace period', async () => {
  const env = [{ name: 'STUBBORN', value: '1' }];
  await machine.createPod('stubborn', { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', env }] });
  const pid = await pidOf(await machine.until('stubborn', isReady));
  await machine.client.delete(pods, 'stubborn', 'default');
  await machine.until('stubborn', (pod) => pod?.metadata.deletionTimestamp !== undefined);
  expect(await startedAt(pid)).toBeDefined();
  await machine.until('stubborn', isGone);
  expect(await startedAt(pid)).toBeUndefined();
});

test('a failing readiness probe takes the Pod out, a passing one brings it back', async () => {
  await machine.createPod('moody');
  const pod = await machine.until('moody', isReady);
  const put = (word: string) => fetch(`http://${pod?.status?.podIP}:8080/ready/${word}`, { method: 'PUT' });
  await put('no');
  const unready = await machine.until('moody', (each) => !isReady(each));
  expect(unready?.status?.conditions?.find((condition) => condition.type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [main]',
  });
  await put('yes');
  expect(container(await machine.until('moody', isReady))?.restartCount).toBe(0);
});

test('a port that another program of the machine holds is told, and taken once it is free', async () => {
  const other = createServer().listen(8081);
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  await machine.createPod('late', {
    containers: [
      {
        name: 'main',
        ports: [
          { name: 'http', containerPort: 8080 },
          { name: 'taken', containerPort: 8081 },
        ],
      },
    ],
  });
  const pod = await machine.until('late', waitsFor('RunContainerError'));
  expect(container(pod)?.state?.waiting?.message).toMatch(/^port 8081 \(taken\) of 127\.\d+\.\d+\.\d+ is in use by another program: stop/);
  other.close();
  await machine.until('late', isReady);
});

test('a restart of the cluster runs the same Pods again, and only those', async () => {
  await machine.createPod('steady');
  const before = await pidOf(await machine.until('steady', isReady));
  await machine.restart();
  expect(await startedAt(before)).toBeUndefined();
  await expect
    .poll(
      async () => {
        const pod = await machine.client.get(pods, 'steady', 'default');
        return pidOf(pod).catch(() => before);
      },
      { timeout: 20_000 },
    )
    .not.toBe(before);
  const never = await machine.client.get(pods, 'never-0', 'default');
  expect(never?.status?.phase).toBe('Succeeded');
});
