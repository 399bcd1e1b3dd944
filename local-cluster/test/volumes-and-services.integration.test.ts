/** Volumes live as long as their claim, and Services lead to Pods that are ready; over the embedded API server. */
import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { persistentVolumeClaims, pods, services, type Pod, type PodSpec } from '@vectorcluster/kube/types/core.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMachineUnderTest, type MachineUnderTest } from '../src/testing/machine-under-test.ts';

let machine: MachineUnderTest;
beforeAll(async () => {
  machine = await startMachineUnderTest();
});
afterAll(() => machine[Symbol.asyncDispose]());

const isReady = (pod: Pod | undefined): boolean => pod?.status?.containerStatuses?.[0]?.ready === true;
const isGone = (pod: Pod | undefined): boolean => pod === undefined;

function onClaim(claimName: string): Partial<PodSpec> {
  return {
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    containers: [{ name: 'main', env: [{ name: 'DATA_DIR', value: '/data' }], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
  };
}

async function createClaim(name: string): Promise<void> {
  await machine.client.create(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } },
  });
}

async function folderOf(claim: string): Promise<string> {
  const { spec } = (await machine.client.get(persistentVolumeClaims, claim, 'default')) ?? {};
  return join(machine.stateFolder, 'volumes', spec?.volumeName ?? 'not bound');
}

async function file(pod: Pod | undefined, body?: string): Promise<string> {
  const request = body === undefined ? {} : { method: 'PUT', body };
  return (await fetch(`http://${pod?.status?.podIP}:8080/files/note`, request)).text();
}

test('data outlives its Pod and goes with its claim', async () => {
  // The Pod is first: it waits for its claim.
  await machine.createPod('keeper', onClaim('keep'));
  await machine.until('keeper', (pod) => pod?.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ContainerCreating');
  await createClaim('keep');
  expect(await file(await machine.until('keeper', isReady), 'kept')).toBe('kept');
  const claim = await machine.client.get(persistentVolumeClaims, 'keep', 'default');
  expect(claim?.status).toMatchObject({ phase: 'Bound', capacity: { storage: '3Gi' } });
  const folder = await folderOf('keep');

  await machine.client.delete(pods, 'keeper', 'default');
  await machine.until('keeper', isGone);
  await machine.restart();
  await machine.createPod('keeper', onClaim('keep'));
  expect(await file(await machine.until('keeper', isReady))).toBe('kept');

  await machine.client.delete(pods, 'keeper', 'default');
  await machine.until('keeper', isGone);
  await machine.client.delete(persistentVolumeClaims, 'keep', 'default');
  await expect.poll(() => existsSync(folder)).toBe(false);

  await createClaim('keep');
  await machine.createPod('keeper', onClaim('keep'));
  const another = await machine.until('keeper', isReady);
  expect(await file(another)).toContain('ENOENT');
  expect(await folderOf('keep')).not.toBe(folder);
});

test('a claim that asks for more gets it', async () => {
  await createClaim('more');
  const capacity = async () => (await machine.client.get(persistentVolumeClaims, 'more', 'default'))?.status?.capacity?.['storage'];
  await expect.poll(capacity, { timeout: 10_000 }).toBe('3Gi');
  await machine.client.patch(persistentVolumeClaims, 'more', 'default', { spec: { resources: { requests: { storage: '5Gi' } } } });
  await expect.poll(capacity, { timeout: 10_000 }).toBe('5Gi');
});

test('a volume whose folder is gone is never replaced by an empty one', async () => {
  await createClaim('lost');
  await machine.createPod('loser', onClaim('lost'));
  await file(await machine.until('loser', isReady), 'precious');
  const folder = await folderOf('lost');
  await machine.client.delete(pods, 'loser', 'default');
  await machine.until('loser', isGone);

  await rename(folder, `${folder}.away`);
  await machine.createPod('loser', onClaim('lost'));
  const pod = await machine.until('loser', (each) => each?.status?.containerStatuses?.[0]?.state?.waiting?.message !== undefined);
  expect(pod?.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
    reason: 'ContainerCreating',
    message: `claim lost: its data is gone, there is no folder ${folder}: restore it`,
  });
  expect(await readdir(join(machine.stateFolder, 'volumes'))).not.toContain(folder);
  await rename(`${folder}.away`, folder);
  expect(await file(await machine.until('loser', isReady))).toBe('precious');
});

test('a Service leads to the Pods that are ready, and to nobody when none is', async () => {
  await machine.client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  const address = (await machine.client.get(services, 'web', 'default'))?.spec?.clusterIP;
  const named = [{ name: 'main', env: [{ name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }];
  const who = async (): Promise<string> => {
    try {
      const value: unknown = await (await fetch(`http://${address}/environment`, { headers: { connection: 'close' } })).json();
      return String(Object(value)['ME']);
    } catch {
      return 'nobody';
    }
  };
  /** Everybody who answers, once the answers have settled on `names`. */
  const answer = async (names: readonly string[]): Promise<void> =>
    await expect
      .poll(async () => [...new Set([await who(), await who(), await who(), await who()])].toSorted(), { timeout: 20_000 })
      .toEqual(names);
  await machine.createPod('web-0', { containers: named }, { app: 'web' });
  await machine.createPod('web-1', { containers: named }, { app: 'web' });
  const first = await machine.until('web-0', isReady);
  await machine.until('web-1', isReady);
  await answer(['web-0', 'web-1']);
  await fetch(`http://${first?.status?.podIP}:8080/ready/no`, { method: 'PUT' });
  await answer(['web-1']);
  await machine.client.delete(pods, 'web-1', 'default');
  await answer(['nobody']);
  await fetch(`http://${first?.status?.podIP}:8080/ready/yes`, { method: 'PUT' });
  await answer(['web-0']);
});
