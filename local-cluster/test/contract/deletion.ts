import { expect, test } from 'vitest';
import { show, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { failure, field, versionOf, type Workspace } from './widgets.ts';

const owned = async (space: Workspace, name: string, owner: string, block = false): Promise<Reply> => {
  const uid = show(field(await space.get(owner), 'metadata', 'uid'));
  const reference = { apiVersion: 'contract.example/v1', kind: 'Widget', name: owner, uid, controller: true, blockOwnerDeletion: block };
  return space.create(name, {}, { ownerReferences: [reference] });
};

const gone = async (space: Workspace, name: string): Promise<void> => {
  await expect.poll(async () => (await space.get(name)).code, { timeout: 30_000, interval: 50 }).toBe(404);
};

/** Finalizers, preconditions, grace, owners, namespaces. */
export function deletionContract(workspace: () => Promise<Workspace>): void {
  test('deleting answers with what went', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const gone = await space.send('DELETE', space.path('a'));
    expect(gone).toMatchObject({
      code: 200,
      body: {
        kind: 'Status',
        status: 'Success',
        details: { name: 'a', group: 'contract.example', kind: 'widgets', uid: field(made, 'metadata', 'uid') },
      },
    });
    expect((await space.send('DELETE', space.path('a'))).code).toBe(404);
  });

  test('preconditions name the very object', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const uid = show(field(made, 'metadata', 'uid'));
    const wrong = await space.send('DELETE', space.path('a'), { body: { preconditions: { uid: 'other' } } });
    expect(failure(wrong)).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining('the UID in the precondition (other) does not match the UID in record'),
    });
    await space.merge(space.path('a'), { spec: { replicas: 1 } });
    const stale = await space.send('DELETE', space.path('a'), { body: { preconditions: { uid, resourceVersion: versionOf(made) } } });
    expect(failure(stale)).toMatchObject({ code: 409, message: expect.stringContaining('the ResourceVersion in the precondition') });
    expect((await space.send('DELETE', space.path('a'), { body: { preconditions: { uid } } })).code).toBe(200);
  });

  test('finalizers hold an object until the last is gone', async () => {
    const space = await workspace();
    await space.create('a', {}, { finalizers: ['example.com/one', 'example.com/two'] });
    const marked = await space.send('DELETE', space.path('a'));
    expect(marked).toMatchObject({
      code: 200,
      body: { kind: 'Widget', metadata: { deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0, generation: 2 } },
    });
    const more = await space.merge(space.path('a'), { metadata: { finalizers: ['example.com/one', 'example.com/three'] } });
    expect(failure(more)).toMatchObject({
      code: 422,
      message: expect.stringContaining(
        'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/three"}',
      ),
    });
    expect((await space.merge(space.path('a'), { metadata: { finalizers: ['example.com/two'] } })).code).toBe(200);
    expect((await space.get('a')).code).toBe(200);
    expect((await space.merge(space.path('a'), { metadata: { finalizers: null } })).code).toBe(200);
    expect((await space.get('a')).code).toBe(404);
  });

  test('Pods on a node have time to end, others go at once', async () => {
    const space = await workspace();
    const pod = (name: string, spec: JsonObject) =>
      space.send('POST', space.core('pods'), {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name },
          spec: { terminationGracePeriodSeconds: 60, containers: [{ name: 'c', image: 'i' }], ...spec },
        },
      });
    await pod('free', {});
    await pod('bound', { nodeName: 'nowhere' });
    await space.send('DELETE', space.core('pods', 'free'));
    expect((await space.send('GET', space.core('pods', 'free'))).code).toBe(404);
    expect((await space.send('DELETE', space.core('pods', 'bound'))).body).toMatchObject({ metadata: { deletionGracePeriodSeconds: 60 } });
    expect((await space.send('DELETE', space.core('pods', 'bound'), { body: { gracePeriodSeconds: 5 } })).body).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 5 },
    });
    await space.send('DELETE', space.core('pods', 'bound'), { body: { gracePeriodSeconds: 0 } });
    expect((await space.send('GET', space.core('pods', 'bound'))).code).toBe(404);
  });

  test('dependents go after their owner, whatever depth', async () => {
    const space = await workspace();
    await space.create('owner');
    await owned(space, 'child', 'owner');
    await owned(space, 'grandchild', 'child');
    await space.send('DELETE', space.path('owner'), { body: { propagationPolicy: 'Background' } });
    await gone(space, 'child');
    await gone(space, 'grandchild');
    expect((await space.send('GET', space.path())).body['items']).toEqual([]);
  });

  test('an owner deleted in the foreground waits for its dependents', async () => {
    const space = await workspace();
    await space.create('owner');
    await owned(space, 'child', 'owner', true);
    await space.merge(space.path('child'), { metadata: { finalizers: ['example.com/hold'] } });
    const marked = await space.send('DELETE', space.path('owner'), { body: { propagationPolicy: 'Foreground' } });
    expect(marked.body).toMatchObject({ metadata: { finalizers: ['foregroundDeletion'] } });
    await expect
      .poll(async () => field(await space.get('child'), 'metadata', 'deletionTimestamp'), { timeout: 30_000, interval: 50 })
      .toBeDefined();
    expect((await space.get('owner')).code).toBe(200);
    await space.merge(space.path('child'), { metadata: { finalizers: null } });
    await gone(space, 'owner');
    expect((await space.get('child')).code).toBe(404);
  });

  test('orphans stay, without their owner', async () => {
    const space = await workspace();
    await space.create('owner');
    await owned(space, 'child', 'owner');
    await space.send('DELETE', space.path('owner'), { body: { propagationPolicy: 'Orphan' } });
    await gone(space, 'owner');
    const child = await space.get('child');
    expect(child.code).toBe(200);
    expect(field(child, 'metadata', 'ownerReferences')).toBeUndefined();
  });

  test('a namespace is emptied before it goes, and takes nothing new meanwhile', async () => {
    const space = await workspace();
    await space.create('a', {}, { finalizers: ['example.com/hold'] });
    const path = `/api/v1/namespaces/${space.namespace}`;
    expect((await space.send('DELETE', path)).body).toMatchObject({ status: { phase: 'Terminating' } });
    const late = await space.create('b');
    expect(failure(late)).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `widgets.contract.example "b" is forbidden: unable to create new content in namespace ${space.namespace} because it is being terminated`,
    });
    await expect
      .poll(async () => field(await space.get('a'), 'metadata', 'deletionTimestamp'), { timeout: 30_000, interval: 50 })
      .toBeDefined();
    await space.merge(space.path('a'), { metadata: { finalizers: null } });
    await expect.poll(async () => (await space.send('GET', path)).code, { timeout: 30_000, interval: 100 }).toBe(404);
  });

  test('a collection can be deleted by selector', async () => {
    const space = await workspace();
    for (const name of ['a', 'b']) await space.create(name, {}, { labels: { which: name } });
    expect((await space.send('DELETE', `${space.path()}?labelSelector=which%3Da`)).code).toBe(200);
    expect([(await space.get('a')).code, (await space.get('b')).code]).toEqual([404, 200]);
  });
}
