/** The client, informer, Lease and events against every API server; faults are injected in kube/src/*.integration.test.ts. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { swap } from '@vectorcluster/kube/compare-and-swap.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { AlreadyExistsError, ConflictError, InvalidError, NotFoundError } from '@vectorcluster/kube/errors.ts';
import { EventRecorder } from '@vectorcluster/kube/event-recorder.ts';
import { Expectations } from '@vectorcluster/kube/expectations.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { withoutManagedFields } from '@vectorcluster/kube/lean-object.ts';
import { runWithLease } from '@vectorcluster/kube/leader-election.ts';
import { configMaps, events, namespaces, persistentVolumeClaims, type ConfigMap } from '@vectorcluster/kube/types/core.ts';
import { leases } from '@vectorcluster/kube/types/coordination.ts';
import { controlPlanes, type RunningControlPlane } from '../../src/testing/control-planes.ts';

describe.each(controlPlanes())('$name', (controlPlane) => {
  const namespace = `kube-test-${randomBytes(4).toString('hex')}`;
  let running: RunningControlPlane;
  let client: KubeClient;

  beforeAll(async () => {
    running = await controlPlane.start();
    client = KubeClient.fromKubeconfig(running.kubeconfig, { userAgent: 'kube-test' });
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  afterAll(async () => {
    client[Symbol.dispose]();
    await running[Symbol.asyncDispose]();
  });

  const configMap = (name: string, data: Readonly<Record<string, string>> = {}, labels = {}): ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data,
  });

  test('create, get, replace, patch, delete', async () => {
    const created = await client.create(configMaps, configMap('crud', { x: '1' }));
    await expect(client.create(configMaps, configMap('crud'))).rejects.toBeInstanceOf(AlreadyExistsError);
    expect(await client.get(configMaps, 'crud', namespace)).toEqual(created);
    const replaced = await client.replace(configMaps, { ...created, data: { x: '2' } });
    await expect(client.replace(configMaps, { ...created, data: { x: '3' } })).rejects.toBeInstanceOf(ConflictError);
    const patched = await client.patch(configMaps, 'crud', namespace, { data: { y: '1' } });
    expect(patched.data).toEqual({ x: '2', y: '1' });
    const stale = { resourceVersion: replaced.metadata.resourceVersion };
    await expect(client.delete(configMaps, 'crud', namespace, stale)).rejects.toBeInstanceOf(ConflictError);
    await expect(client.delete(configMaps, 'crud', namespace, { uid: 'other' })).rejects.toBeInstanceOf(ConflictError);
    expect(await client.delete(configMaps, 'crud', namespace, { uid: created.metadata.uid })).toBe(true);
    expect(await client.delete(configMaps, 'crud', namespace)).toBe(false);
    expect(await client.get(configMaps, 'crud', namespace)).toBeUndefined();
  });

  test('a list of more than a page is whole', async () => {
    const names = Array.from({ length: 520 }, (_, i) => `page-${i}`);
    await Promise.all(names.map((name) => client.create(configMaps, configMap(name, {}, { list: 'pages' }))));
    const { items } = await client.list(configMaps, { namespace, labelSelector: 'list=pages' });
    expect(items.map((item) => item.metadata.name).sort()).toEqual(names.sort());
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    await Promise.all(names.map((name) => client.delete(configMaps, name, namespace)));
  });

  const apply = (fieldManager: string, data: object, force = false) =>
    client.apply(configMaps, { metadata: { name: 'applied', namespace }, data }, { fieldManager, force });

  test('server-side apply keeps what others own, takes back what it no longer gives, and conflicts', async () => {
    await apply('one', { a: '1', b: '1' });
    expect((await apply('two', { c: '2' })).data).toEqual({ a: '1', b: '1', c: '2' });
    expect((await apply('one', { a: '1' })).data).toEqual({ a: '1', c: '2' });
    await expect(apply('two', { a: '2', c: '2' })).rejects.toBeInstanceOf(ConflictError);
    const taken = await apply('two', { a: '2', c: '2' }, true);
    expect(taken.data).toEqual({ a: '2', c: '2' });
    const again = await apply('two', { a: '2', c: '2' }, true);
    expect(again.metadata.resourceVersion).toBe(taken.metadata.resourceVersion);
  });

  test('a status is written by compare-and-swap and by apply, beside the spec', async () => {
    const claim = await client.create(persistentVolumeClaims, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'claim', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' },
    });
    const pending = await client.replaceStatus(persistentVolumeClaims, { ...claim, status: { phase: 'Lost' } });
    expect(pending.status?.phase).toBe('Lost');
    await expect(client.replaceStatus(persistentVolumeClaims, { ...claim, status: { phase: 'Bound' } })).rejects.toBeInstanceOf(
      ConflictError,
    );
    const condition = { type: 'Tested', status: 'True' };
    const part = { metadata: { name: 'claim', namespace }, status: { conditions: [condition] } };
    const applied = await client.applyStatus(persistentVolumeClaims, part, { fieldManager: 'test' });
    expect(applied.status).toMatchObject({ phase: 'Lost', conditions: [condition] });
  });

  test('an invalid object is told from one whose namespace is not there', async () => {
    await expect(client.create(configMaps, configMap('UPPER'))).rejects.toBeInstanceOf(InvalidError);
    const elsewhere = { ...configMap('x'), metadata: { name: 'x', namespace: 'not-there' } };
    await expect(client.create(configMaps, elsewhere)).rejects.toBeInstanceOf(NotFoundError);
  });

  test('an informer shows own writes, which expectations wait for', async () => {
    const stop = new AbortController();
    await using informer = new Informer(client, configMaps, { namespace, labelSelector: 'watch=yes' });
    informer.start(stop.signal);
    await informer.synced();
    const changes: string[] = [];
    informer.onChange(({ kind, object }) => changes.push(`${kind} ${object.metadata.name}`));
    const expectations = new Expectations();
    const watched = await client.create(configMaps, configMap('watched', {}, { watch: 'yes' }));
    expectations.written('key', informer, watched);
    await informer.waitFor(() => expectations.pending('key').length === 0, AbortSignal.timeout(10_000));
    expect(informer.get(namespace, 'watched')).toEqual(withoutManagedFields(watched));
    await swap({
      client,
      type: configMaps,
      name: { name: 'watched', namespace },
      change: (now) => ({ ...now, data: { more: 'yes' } }),
    });
    await client.delete(configMaps, 'watched', namespace);
    expectations.deleted('key', informer, watched);
    await informer.waitFor(() => expectations.pending('key').length === 0, AbortSignal.timeout(10_000));
    expect(changes).toEqual(['added watched', 'updated watched', 'deleted watched']);
  });

  test('a watch that the server ended is resumed from the last version, and what came in between is not lost', async () => {
    const { resourceVersion: listed } = await client.list(configMaps, { namespace });
    await client.create(configMaps, configMap('before'));
    const watch = async (resourceVersion: string) => {
      const seen: string[] = [];
      let last = resourceVersion;
      const end = await client.watch(configMaps, {
        namespace,
        resourceVersion,
        timeoutSeconds: 1,
        silenceTimeoutMs: 20_000,
        signal: new AbortController().signal,
        onEvent: (event) => {
          last = event.resourceVersion;
          if (event.kind !== 'bookmark') seen.push(`${event.kind} ${event.object.metadata.name}`);
        },
      });
      expect(end).toEqual({ kind: 'ended' });
      return { seen, last };
    };
    const first = await watch(listed);
    expect(first.seen).toEqual(['added before']);
    await client.delete(configMaps, 'before', namespace);
    expect((await watch(first.last)).seen).toEqual(['deleted before']);
  });

  test('a lease goes from one holder to the next', async () => {
    const order: string[] = [];
    const run = (identity: string) =>
      runWithLease({
        client,
        namespace,
        name: 'leader',
        identity,
        signal: AbortSignal.timeout(30_000),
        retryPeriodMs: 50,
        onLeading: async () => {
          order.push(identity);
        },
      });
    await Promise.all([run('one'), run('two')]);
    expect(order.sort()).toEqual(['one', 'two']);
    expect((await client.get(leases, 'leader', namespace))?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 1 });
  });

  test('equal events become a series', async () => {
    const subject = await client.create(configMaps, configMap('subject'));
    await using recorder = new EventRecorder({ client, component: 'kube-test' });
    for (let i = 0; i < 3; i++) recorder.event(subject, { type: 'Warning', reason: 'Tested', message: 'it was tested' });
    await recorder.flush();
    const { items } = await client.list(events, { namespace, fieldSelector: 'regarding.name=subject' });
    expect(items.map(({ reason, note, series }) => ({ reason, note, count: series?.count }))).toEqual([
      { reason: 'Tested', note: 'it was tested', count: 3 },
    ]);
  });
});
