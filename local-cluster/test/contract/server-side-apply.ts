import { expect, test } from 'vitest';
import { applyType, failure, field, owners, versionOf, type Workspace } from './widgets.ts';

const pod = (container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', labels: { app: 'x' } },
  spec: { containers: [{ name: 'c', image: 'i:1', ...container }], volumes: [{ name: 'v', emptyDir: {} }] },
});

/** Who owns a field, what happens when two want it, and what goes when nobody does. */
export function applyContract(workspace: () => Promise<Workspace>): void {
  test('an apply creates, and owns exactly what it says', async () => {
    const space = await workspace();
    const made = await space.apply('a', 'one', { size: '1Gi', limits: { cpu: '1' }, parts: [{ name: 'p', value: 'v' }], tags: ['t'] });
    expect(made).toMatchObject({
      code: 201,
      body: { metadata: { generation: 1 }, spec: { mode: 'Fast', parts: [{ name: 'p', value: 'v', weight: 1 }] } },
    });
    expect(owners(made)).toEqual({
      'one Apply': {
        'f:spec': {
          'f:size': {},
          'f:limits': { 'f:cpu': {} },
          'f:parts': { 'k:{"name":"p"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
          'f:tags': { 'v:"t"': {} },
        },
      },
    });
  });

  test('applying the same again writes nothing', async () => {
    const space = await workspace();
    const made = await space.apply('a', 'one', { size: '1Gi' });
    const again = await space.apply('a', 'one', { size: '1Gi' });
    expect(again.code).toBe(200);
    expect(versionOf(again)).toBe(versionOf(made));
  });

  test('two managers share what they agree on and conflict where they do not', async () => {
    const space = await workspace();
    await space.apply('a', 'one', { size: '1Gi', replicas: 1 });
    expect(await space.apply('a', 'two', { size: '1Gi' })).toMatchObject({ code: 200 });
    const refused = await space.apply('a', 'three', { size: '1Gi', replicas: 2 });
    expect(failure(refused)).toEqual({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
    });
    expect(field(refused, 'details', 'causes')).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' },
    ]);
    const several = await space.apply('a', 'three', { size: '2Gi', replicas: 2 });
    expect(failure(several)['message']).toBe(
      'Apply failed with 3 conflicts: conflicts with "one":\n- .spec.replicas\n- .spec.size\nconflicts with "two":\n- .spec.size',
    );
    const forced = await space.apply('a', 'three', { size: '1Gi', replicas: 2 }, '&force=true');
    expect(forced.body['spec']).toMatchObject({ replicas: 2 });
    expect(owners(forced)['one Apply']).toEqual({ 'f:spec': { 'f:size': {} } });
  });

  test('an update takes fields over, and an apply then conflicts with it', async () => {
    const space = await workspace();
    await space.apply('a', 'one', { size: '1Gi', replicas: 1 });
    const updated = await space.send('PATCH', `${space.path('a')}?fieldManager=editor`, {
      body: { spec: { replicas: 3 } },
      contentType: 'application/merge-patch+json',
    });
    expect(owners(updated)).toEqual({ 'one Apply': { 'f:spec': { 'f:size': {} } }, 'editor Update': { 'f:spec': { 'f:replicas': {} } } });
    const refused = await space.apply('a', 'one', { size: '1Gi', replicas: 1 });
    expect(failure(refused)['message']).toBe(
      'Apply failed with 1 conflict: conflict with "editor" using contract.example/v1: .spec.replicas',
    );
  });

  test('what a manager no longer applies goes, unless somebody else owns it', async () => {
    const space = await workspace();
    await space.apply('a', 'one', {
      size: '1Gi',
      replicas: 1,
      limits: { cpu: '1', memory: '2' },
      parts: [
        { name: 'p', value: 'v' },
        { name: 'q', value: 'w' },
      ],
    });
    await space.apply('a', 'two', { limits: { cpu: '1' }, parts: [{ name: 'p' }], size: '1Gi' });
    const left = await space.apply('a', 'one', { size: '1Gi', parts: [] });
    expect(left.body['spec']).toEqual({ size: '1Gi', mode: 'Fast', limits: { cpu: '1' }, parts: [{ name: 'p', weight: 1 }] });
    const last = await space.apply('a', 'two', { size: '1Gi' });
    expect(last.body['spec']).toMatchObject({ size: '1Gi', mode: 'Fast' });
    expect(field(last, 'spec', 'limits', 'cpu')).toBeUndefined();
  });

  test('items of a list-map merge by key, atomic lists replace', async () => {
    const space = await workspace();
    await space.apply('a', 'one', { size: '1Gi', parts: [{ name: 'p' }, { name: 'q' }], ordered: ['1'] });
    const merged = await space.apply('a', 'two', {
      size: '1Gi',
      parts: [
        { name: 'r', value: 'x' },
        { name: 'q', value: 'y' },
      ],
    });
    expect(merged.body['spec']).toMatchObject({ parts: [{ name: 'p' }, { name: 'r', value: 'x' }, { name: 'q', value: 'y' }] });
    expect(failure(await space.apply('a', 'two', { size: '1Gi', ordered: ['1', '2'] }))['message']).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.ordered',
    );
  });

  test('status and spec are applied apart', async () => {
    const space = await workspace();
    await space.apply('a', 'one', { size: '1Gi' });
    const body = {
      apiVersion: 'contract.example/v1',
      kind: 'Widget',
      metadata: { name: 'a' },
      status: { replicas: 1, conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const told = await space.send('PATCH', `${space.path('a', 'status')}?fieldManager=one`, { body, contentType: applyType });
    expect(told.body).toMatchObject({ spec: { size: '1Gi' }, status: { replicas: 1 } });
    expect(Object.keys(owners(told)).toSorted()).toEqual(['one Apply', 'one Apply status']);
    expect((await space.apply('a', 'one', { size: '1Gi' })).body).toMatchObject({ status: { replicas: 1 } });
    const other = { ...body, status: { conditions: [{ type: 'Stalled', status: 'False' }] } };
    const both = await space.send('PATCH', `${space.path('a', 'status')}?fieldManager=two`, { body: other, contentType: applyType });
    expect(both.body['status']).toMatchObject({ replicas: 1, conditions: [{ type: 'Ready' }, { type: 'Stalled' }] });
  });

  test('a manager must have a name, and validation still holds', async () => {
    const space = await workspace();
    const nameless = await space.send('PATCH', space.path('a'), {
      body: { apiVersion: 'contract.example/v1', kind: 'Widget', metadata: { name: 'a' } },
      contentType: applyType,
    });
    expect(failure(nameless)).toEqual({
      code: 422,
      reason: 'Invalid',
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    });
    expect(failure(await space.apply('a', 'one', { replicas: 1 }))).toMatchObject({
      code: 422,
      message: expect.stringContaining('spec.size: Required value'),
    });
  });

  test('built-in lists have their keys: ports, env, volumes', async () => {
    const space = await workspace();
    const apply = (manager: string, body: object) =>
      space.send('PATCH', `${space.core('pods', 'p')}?fieldManager=${manager}`, { body, contentType: applyType });
    const made = await apply(
      'one',
      pod({ env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }], volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    );
    expect(made.code).toBe(201);
    expect(owners(made)['one Apply']).toEqual({
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            'f:volumeMounts': { 'k:{"mountPath":"/v"}': { '.': {}, 'f:mountPath': {}, 'f:name': {} } },
          },
        },
        'f:volumes': { 'k:{"name":"v"}': { '.': {}, 'f:emptyDir': {}, 'f:name': {} } },
      },
    });
    const conditions = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:2' }] } };
    expect(failure(await apply('two', conditions))['message']).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.containers[name="c"].image',
    );
  });
}
