import { expect, test } from 'vitest';
import { show, type Json, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { failure, field, type Workspace } from './widgets.ts';

const group = 'rbac.authorization.k8s.io';

const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });

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

  test('a token that is bound to a Pod says which Pod its bearer is, and is for that Pod only', async () => {
    const space = await workspace();
    const { namespace } = space;
    const made = await space.send('POST', space.core('serviceaccounts'), { body: account('node') });
    await space.send('POST', space.core('serviceaccounts'), { body: account('other') });
    const pod = await space.send('POST', space.core('pods'), {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'node-0' },
        spec: { serviceAccountName: 'node', nodeName: 'machine', containers: [{ name: 'c', image: 'i' }] },
      },
    });
    const uid = show(field(pod, 'metadata', 'uid'));
    const issue = (name: string, boundObjectRef?: JsonObject) =>
      space.send('POST', `${space.core('serviceaccounts', name)}/token`, {
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { ...(boundObjectRef && { boundObjectRef }) } },
      });
    const userOf = async (issued: Reply): Promise<Json | undefined> => {
      const review = await space.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        token: show(field(issued, 'status', 'token')),
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      });
      return field(review, 'status', 'userInfo');
    };
    const common = {
      username: `system:serviceaccount:${namespace}:node`,
      uid: field(made, 'metadata', 'uid'),
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    };
    const credential = { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] };

    expect(await userOf(await issue('node'))).toEqual({ ...common, extra: credential });
    const reference = { kind: 'Pod', apiVersion: 'v1', name: 'node-0' };
    const bound = await issue('node', { ...reference, uid });
    expect(bound).toMatchObject({ code: 201, body: { spec: { boundObjectRef: { ...reference, uid } } } });
    expect(await userOf(bound)).toEqual({
      ...common,
      extra: {
        ...credential,
        'authentication.kubernetes.io/node-name': ['machine'],
        'authentication.kubernetes.io/pod-name': ['node-0'],
        'authentication.kubernetes.io/pod-uid': [uid],
      },
    });
    expect(failure(await issue('node', { ...reference, uid: 'another' }))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on Pod "node-0": the UID in the bound object reference (another) does not match the UID in record. The object might have been deleted and then recreated',
    });
    expect(failure(await issue('node', { ...reference, name: 'gone' }))).toEqual({
      code: 404,
      reason: 'NotFound',
      message: 'pods "gone" not found',
    });
    expect(failure(await issue('other', reference))).toEqual({
      code: 400,
      reason: 'BadRequest',
      message: 'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
    });

    await space.send('DELETE', space.core('pods', 'node-0'), { body: { gracePeriodSeconds: 0 } });
    // A real server remembers for ten seconds that a token was good.
    await expect.poll(async () => await userOf(bound), { timeout: 30_000, interval: 500 }).toBeUndefined();
  });
}
