import { expect, test } from 'vitest';
import { gizmoDefinition } from './widget-definition.ts';
import { failure, field, jsonPatchType, mergeType, strategicType, versionOf, widget, type Workspace } from './widgets.ts';
import { at, listOf, show, type Json } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';

const names = (reply: Reply): (Json | undefined)[] => listOf(reply.body['items']).map((item) => at(item, 'metadata', 'name'));

/** Create, read, replace, patch, list. */
export function objectsContract(workspace: () => Promise<Workspace>): void {
  test('a created object has what the server decides', async () => {
    const space = await workspace();
    const made = await space.create('a', {}, { labels: { app: 'x' }, resourceVersion: '' });
    expect(made.code).toBe(201);
    expect(made.body['metadata']).toMatchObject({ name: 'a', namespace: space.namespace, generation: 1, labels: { app: 'x' } });
    expect(field(made, 'metadata', 'uid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(field(made, 'metadata', 'creationTimestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect((await space.get('a')).body).toEqual(made.body);
  });

  test('generateName completes a name', async () => {
    const space = await workspace();
    const made = await space.send('POST', space.path(), { body: { ...widget(''), metadata: { generateName: 'made-' } } });
    expect(field(made, 'metadata', 'name')).toMatch(/^made-[a-z0-9]{5}$/);
  });

  test('failures are worded as Kubernetes words them', async () => {
    const space = await workspace();
    await space.create('a');
    expect(failure(await space.create('a'))).toEqual({
      code: 409,
      reason: 'AlreadyExists',
      message: 'widgets.contract.example "a" already exists',
    });
    expect(failure(await space.get('b'))).toEqual({ code: 404, reason: 'NotFound', message: 'widgets.contract.example "b" not found' });
    expect(failure(await space.send('GET', space.core('pods', 'b')))).toEqual({
      code: 404,
      reason: 'NotFound',
      message: 'pods "b" not found',
    });
    expect(await space.send('GET', '/apis/contract.example/v1/gadgets')).toMatchObject({ code: 404 });
    const lost = await space.send('POST', '/api/v1/namespaces/nowhere/configmaps', {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    });
    expect(failure(lost)).toEqual({ code: 404, reason: 'NotFound', message: 'namespaces "nowhere" not found' });
    const other = await space.send('PUT', space.path('a'), { body: widget('c', {}, { resourceVersion: '1' }) });
    expect(failure(other)).toEqual({
      code: 400,
      reason: 'BadRequest',
      message: 'the name of the object (c) does not match the name on the URL (a)',
    });
    expect(failure(await space.create('Not_A_Name'))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: expect.stringContaining('metadata.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain must consist of'),
    });
    expect(await space.send('GET', '/api/v1/pods', { token: 'nobody' })).toMatchObject({
      code: 401,
      body: { reason: 'Unauthorized', message: 'Unauthorized' },
    });
    const typed = await space.send('PATCH', space.path('a'), { body: {}, contentType: 'text/plain' });
    expect(typed).toMatchObject({ code: 415, body: { reason: 'UnsupportedMediaType' } });
    const strategic = await space.send('PATCH', space.path('a'), { body: {}, contentType: strategicType });
    expect(strategic.code).toBe(415);
  });

  test('replacing compares versions', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const bare = await space.send('PUT', space.path('a'), { body: widget('a') });
    expect(failure(bare)).toMatchObject({ code: 422, message: expect.stringContaining('metadata.resourceVersion: Invalid value:') });
    const next = await space.send('PUT', space.path('a'), { body: { ...made.body, spec: { size: '2Gi' } } });
    expect(next).toMatchObject({ code: 200, body: { metadata: { generation: 2 }, spec: { size: '2Gi', mode: 'Fast' } } });
    expect(failure(await space.send('PUT', space.path('a'), { body: { ...made.body, spec: { size: '3Gi' } } }))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on widgets.contract.example "a": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test('generation grows with the spec, and an update that changes nothing writes nothing', async () => {
    const space = await workspace();
    const made = await space.create('a');
    const same = await space.merge(space.path('a'), { spec: { size: '1Gi' } });
    expect(versionOf(same)).toBe(versionOf(made));
    const labelled = await space.merge(space.path('a'), { metadata: { labels: { x: 'y' } } });
    expect(field(labelled, 'metadata', 'generation')).toBe(1);
    expect(versionOf(labelled)).not.toBe(versionOf(made));
    expect(field(await space.merge(space.path('a'), { spec: { replicas: 2 } }), 'metadata', 'generation')).toBe(2);
  });

  test('status has a path of its own', async () => {
    const space = await workspace();
    const made = await space.send('POST', space.path(), { body: { ...widget('a'), status: { replicas: 9 } } });
    expect(made.body['status']).toBeUndefined();
    expect((await space.merge(space.path('a'), { status: { replicas: 9 } })).body['status']).toBeUndefined();
    const told = await space.merge(space.path('a', 'status'), {
      spec: { size: '9Gi' },
      status: { replicas: 3 },
      metadata: { labels: { x: 'y' } },
    });
    expect(told.body).toMatchObject({ spec: { size: '1Gi' }, status: { replicas: 3 }, metadata: { generation: 1 } });
    const kept = await space.send('PUT', space.path('a'), { body: { ...told.body, status: {}, spec: { size: '2Gi' } } });
    expect(kept.body).toMatchObject({ spec: { size: '2Gi' }, status: { replicas: 3 } });
    expect((await space.send('PUT', space.path('a', 'status'), { body: made.body })).code).toBe(409);
  });

  test('a default that is new is filled in where it was missing', async () => {
    const space = await workspace();
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const made = await space.send('POST', definitions, { body: gizmoDefinition({}) });
    expect(made.code).toBe(201);
    const path = `/apis/contract.example/v1/namespaces/${space.namespace}/gizmos`;
    const body = { apiVersion: 'contract.example/v1', kind: 'Gizmo', metadata: { name: 'a' }, spec: {} };
    await expect.poll(async () => (await space.send('POST', path, { body })).code, { timeout: 20_000 }).toBeOneOf([201, 409]);
    expect(field(await space.send('GET', `${path}/a`), 'spec')).toEqual({});
    await space.merge(`${definitions}/gizmos.contract.example`, gizmoDefinition({ default: 'Fast' }));
    const shown = async () => field(await space.send('GET', `${path}/a`), 'spec');
    await expect.poll(shown, { timeout: 20_000 }).toEqual({ mode: 'Fast' });
  });

  test('scale reads and writes the replica count', async () => {
    const space = await workspace();
    await space.create('a', { replicas: 2 });
    await space.merge(space.path('a', 'status'), { status: { replicas: 1, selector: 'app=a' } });
    const scale = await space.send('GET', space.path('a', 'scale'));
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'app=a' },
    });
    const more = await space.send('PUT', space.path('a', 'scale'), { body: { ...scale.body, spec: { replicas: 5 } } });
    expect(more).toMatchObject({ code: 200, body: { spec: { replicas: 5 } } });
    expect((await space.merge(space.path('a', 'scale'), { spec: { replicas: 4 } })).body).toMatchObject({ spec: { replicas: 4 } });
    expect((await space.get('a')).body).toMatchObject({ spec: { replicas: 4, size: '1Gi' }, metadata: { generation: 3 } });
    expect((await space.merge(space.path('a', 'scale'), { spec: { replicas: 11 } })).code).toBe(422);
    expect((await space.send('GET', `${space.core('configmaps', 'a')}/scale`)).code).toBe(404);
  });

  test('merge and JSON patches', async () => {
    const space = await workspace();
    await space.create('a', { limits: { cpu: '1', memory: '2' }, ordered: ['x', 'y'] });
    const merged = await space.merge(space.path('a'), { spec: { limits: { cpu: null, disk: '3' }, ordered: ['z'] } });
    expect(merged.body['spec']).toMatchObject({ limits: { memory: '2', disk: '3' }, ordered: ['z'] });
    const patch = (body: unknown) => space.send('PATCH', space.path('a'), { body, contentType: jsonPatchType });
    const patched = await patch([
      { op: 'test', path: '/spec/size', value: '1Gi' },
      { op: 'add', path: '/spec/ordered/0', value: 'first' },
      { op: 'add', path: '/spec/ordered/-', value: 'last' },
      { op: 'remove', path: '/spec/limits/memory' },
    ]);
    expect(patched.body['spec']).toMatchObject({ ordered: ['first', 'z', 'last'], limits: { disk: '3' } });
    expect(await patch([{ op: 'test', path: '/spec/size', value: '9' }])).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect((await patch([{ op: 'remove', path: '/spec/nothing' }])).code).toBe(422);
    const stale = await space.merge(space.path('a'), { metadata: { resourceVersion: '1' }, spec: { replicas: 1 } });
    expect(stale).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
  });

  test('strategic merge patches of built-in kinds merge lists by their keys', async () => {
    const space = await workspace();
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: {
        ports: [
          { name: 'web', port: 80 },
          { name: 'peer', port: 90 },
        ],
      },
    };
    const made = await space.send('POST', space.core('services'), { body: service });
    expect(made).toMatchObject({
      code: 201,
      body: { spec: { type: 'ClusterIP', sessionAffinity: 'None', ports: [{ targetPort: 80, protocol: 'TCP' }, { port: 90 }] } },
    });
    expect(field(made, 'spec', 'clusterIP')).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    const body = {
      spec: {
        ports: [
          { port: 90, name: 'peers' },
          { port: 80, $patch: 'delete' },
          { port: 70, name: 'new' },
        ],
      },
    };
    const patched = await space.send('PATCH', space.core('services', 'a'), { body, contentType: strategicType });
    expect(new Set(listOf(field(patched, 'spec', 'ports')).map((port) => at(port, 'name')))).toEqual(new Set(['new', 'peers']));
    const moved = await space.send('PATCH', space.core('services', 'a'), {
      body: { spec: { clusterIP: '1.2.3.4' } },
      contentType: mergeType,
    });
    expect(moved.code).toBe(422);
  });

  test('a dry run changes nothing', async () => {
    const space = await workspace();
    expect((await space.send('POST', `${space.path()}?dryRun=All`, { body: widget('a') })).code).toBe(201);
    expect((await space.get('a')).code).toBe(404);
    await space.create('b');
    await space.send('PATCH', `${space.path('b')}?dryRun=All`, { body: { spec: { replicas: 3 } }, contentType: mergeType });
    await space.send('DELETE', `${space.path('b')}?dryRun=All`);
    expect((await space.get('b')).body['spec']).toEqual({ size: '1Gi', mode: 'Fast' });
  });

  test('lists page over one consistent state', async () => {
    const space = await workspace();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await space.create(name, {}, { labels: { parity: name < 'c' ? 'low' : 'high' } });
    const first = await space.send('GET', `${space.path()}?limit=2`);
    expect(first.body['metadata']).toMatchObject({ remainingItemCount: 3 });
    await space.send('DELETE', space.path('d'));
    await space.create('bb');
    const second = await space.send('GET', `${space.path()}?limit=2&continue=${show(field(first, 'metadata', 'continue'))}`);
    const third = await space.send('GET', `${space.path()}?limit=2&continue=${show(field(second, 'metadata', 'continue'))}`);
    expect([first, second, third].map(names)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(versionOf(third)).toBe(versionOf(first));
    expect(field(third, 'metadata', 'continue') ?? '').toBe('');
    const selected = await space.send('GET', `${space.path()}?labelSelector=${encodeURIComponent('parity in (low),!missing')}`);
    expect(names(selected)).toEqual(['a', 'b']);
    expect(names(await space.send('GET', `${space.path()}?fieldSelector=metadata.name%3De`))).toEqual(['e']);
    const unknown = await space.send('GET', `${space.path()}?fieldSelector=spec.size%3D1Gi`);
    expect(unknown).toMatchObject({ code: 400, body: { message: expect.stringContaining('field label not supported: spec.size') } });
  });

  test('tables have the columns of the definition', async () => {
    const space = await workspace();
    await space.create('a', { replicas: 2, parts: [{ name: 'p' }, { name: 'q' }] });
    await space.merge(space.path('a', 'status'), { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = await space.send('GET', space.path(), { accept });
    expect(
      listOf(table.body['columnDefinitions']).map((column) => [
        at(column, 'name'),
        at(column, 'type'),
        at(column, 'format'),
        at(column, 'priority'),
      ]),
    ).toEqual([
      ['Name', 'string', 'name', 0],
      ['Ready', 'string', '', 0],
      ['Replicas', 'integer', '', 0],
      ['Parts', 'string', '', 1],
      ['Age', 'date', '', 0],
    ]);
    const [row] = listOf(table.body['rows']);
    expect(at(row, 'cells')).toEqual(['a', 'True', 2, expect.any(String), expect.stringMatching(/^\d+s$/)]);
    expect(at(row, 'object')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  });
}
