import { expect, test } from 'vitest';
import { show } from '../../src/api-server/core/json.ts';
import { failure, field, type Workspace } from './widgets.ts';

const group = 'rbac.authorization.k8s.io';

/** What a ServiceAccount may do is what its roles say. */
export function authorizationContract(workspace: () => Promise<Workspace>): void {
  test('roles allow verbs on resources, subresources and names, and nothing else', async () => {
    const space = await workspace();
    const { namespace } = space;
    const rbac = (plural: string, body: object) =>
      space.send('POST', `/apis/${group}/v1/namespaces/${namespace}/${plural}`, { body: { apiVersion: `${group}/v1`, ...body } });
    await space.send('POST', space.core('serviceaccounts'), {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'node' } },
    });
    const issued = await space.send('POST', `${space.core('serviceaccounts', 'node')}/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    expect(issued.code).toBe(201);
    const token = show(field(issued, 'status', 'token'));
    const user = `system:serviceaccount:${namespace}:node`;
    await rbac('roles', {
      kind: 'Role',
      metadata: { name: 'node' },
      rules: [
        { apiGroups: ['contract.example'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['contract.example'], resources: ['widgets/status'], verbs: ['patch'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['mine'] },
      ],
    });
    await rbac('rolebindings', {
      kind: 'RoleBinding',
      metadata: { name: 'node' },
      roleRef: { apiGroup: group, kind: 'Role', name: 'node' },
      subjects: [{ kind: 'ServiceAccount', name: 'node', namespace }],
    });
    await space.create('a');

    await expect.poll(async () => (await space.send('GET', space.path('a'), { token })).code, { timeout: 20_000 }).toBe(200);
    const body = { status: { replicas: 1 } };
    expect((await space.send('PATCH', space.path('a', 'status'), { token, body, contentType: 'application/merge-patch+json' })).code).toBe(
      200,
    );
    expect((await space.send('GET', space.core('configmaps', 'mine'), { token })).code).toBe(404);
    expect(failure(await space.send('PATCH', space.path('a'), { token, body, contentType: 'application/merge-patch+json' }))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: `widgets.contract.example "a" is forbidden: User "${user}" cannot patch resource "widgets" in API group "contract.example" in the namespace "${namespace}"`,
    });
    expect(failure(await space.send('GET', space.core('configmaps', 'other'), { token }))['message']).toBe(
      `configmaps "other" is forbidden: User "${user}" cannot get resource "configmaps" in API group "" in the namespace "${namespace}"`,
    );
    expect(failure(await space.send('GET', '/api/v1/nodes', { token }))['message']).toBe(
      `nodes is forbidden: User "${user}" cannot list resource "nodes" in API group "" at the cluster scope`,
    );
    const review = await space.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      token,
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, verb: 'list', group: 'contract.example', resource: 'widgets' } },
      },
    });
    expect(review).toMatchObject({ code: 201, body: { status: { allowed: true } } });
  });
}
