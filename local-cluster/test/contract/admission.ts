import { expect, test } from 'vitest';
import { listOf, objectOf, show } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { AdmissionSpace, onWidgets, policyBindings } from './admission-space.ts';
import { failure, field, versionOf, widget, type Workspace } from './widgets.ts';

const rule = objectOf(listOf(onWidgets['resourceRules'])[0]);

/** What a policy that denied it says. */
async function refused(attempt: Promise<Reply>): Promise<string> {
  return messageOf(await attempt).replace(/^.*denied request: /, '');
}

/** What a policy warned of in passing. */
function warned({ code, warnings }: Reply): string[] {
  if (code >= 300) throw new Error(`refused with ${code}`);
  return warnings.map((warning) => warning.replace(/^299 - "Validation failed for .*-b': (.*)"$/, '$1'));
}

const messageOf = (reply: Reply): string => show(field(reply, 'message'));

/** ValidatingAdmissionPolicies: what they see, what they are for, and how they refuse. */
export function admissionContract(workspace: () => Promise<Workspace>): void {
  const admissionSpace = async (): Promise<AdmissionSpace> => new AdmissionSpace(await workspace());

  test('what a policy denies is refused with its message, reason and code, by every way to write', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    await space.create('old');
    const name = await admission.enforce('deny', {
      variables: [
        { name: 'tags', expression: 'object.?spec.?tags.orValue([])' },
        { name: 'broken', expression: 'object.spec.missing' },
      ],
      validations: [
        { expression: 'object == null || !has(object.spec.replicas) || object.spec.replicas < 5', message: 'too many' },
        {
          expression: 'size(variables.tags) < 2',
          messageExpression: '"tags " + string(size(variables.tags)) + " of " + request.userInfo.username',
          message: 'not used',
          reason: 'Forbidden',
        },
        { expression: 'size(variables.tags) < 1', messageExpression: 'variables.broken + ""', message: 'the fixed words' },
        { expression: 'object == null || !has(object.spec.name) || object.spec.missing == 1' },
        { expression: 'object == null || !has(object.spec.owner) || object.spec.owner == "me"' },
        { expression: 'object == null || object.spec.?mode.orValue("Fast") == "Fast" || variables.broken == 1', reason: 'Forbidden' },
        { expression: 'request.operation != "DELETE" || oldObject.metadata.name != "old"', message: 'old stays' },
        { expression: 'request.?subResource.orValue("") != "status" || object.?status.?epoch.orValue(0) != 7', message: 'no seven' },
        { expression: 'request.?subResource.orValue("") != "scale" || object.spec.replicas != 4', message: 'no scale to four' },
      ],
    });
    await admission.inForce();
    const denied = (words: string): string => `ValidatingAdmissionPolicy '${name}' with binding '${name}-b' denied request: ${words}`;

    const many = await space.create('a', { replicas: 6 });
    const text = denied('too many');
    expect(many.body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `widgets.contract.example "a" is forbidden: ${text}`,
      reason: 'Invalid',
      details: { name: 'a', group: 'contract.example', kind: 'widgets', causes: [{ message: text }] },
      code: 422,
    });
    expect(failure(await space.create('a', { tags: ['a', 'b'] }))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: `widgets.contract.example "a" is forbidden: ${denied('tags 2 of admin')}`,
    });
    expect(await refused(space.create('a', { tags: ['a'] }))).toBe('the fixed words');
    expect(await refused(space.create('a', { name: 'ab' }))).toBe(
      "expression 'object == null || !has(object.spec.name) || object.spec.missing == 1' resulted in error: no such key: missing",
    );
    expect(await refused(space.create('a', { owner: 'you' }))).toBe(
      'failed expression: object == null || !has(object.spec.owner) || object.spec.owner == "me"',
    );
    const broken = await space.create('a', { mode: 'Slow' });
    expect(broken).toMatchObject({ code: 422, body: { reason: 'Invalid' } });
    expect(messageOf(broken)).toMatch(/resulted in error: composited variable "broken" fails to evaluate: no such key: missing$/);

    expect(await refused(space.merge(space.path('old'), { spec: { replicas: 6 } }))).toBe('too many');
    expect(await refused(space.apply('old', 'me', { replicas: 6, size: '1Gi' }))).toBe('too many');
    expect(await refused(space.apply('new', 'me', { replicas: 6, size: '1Gi' }))).toBe('too many');
    const put = { ...widget('old', { replicas: 6 }), metadata: { name: 'old', resourceVersion: versionOf(await space.get('old')) } };
    expect(await refused(space.send('PUT', space.path('old'), { body: put }))).toBe('too many');
    expect(await refused(space.merge(space.path('old', 'status'), { status: { epoch: 7 } }))).toBe('no seven');
    expect(await refused(space.merge(space.path('old', 'scale'), { spec: { replicas: 4 } }))).toBe('no scale to four');
    expect(await refused(space.send('DELETE', space.path('old')))).toBe('old stays');
    expect(messageOf(await space.send('DELETE', space.path()))).toBe(
      `widgets.contract.example "Unknown" is forbidden: ${denied('old stays')}`,
    );
    expect(await refused(space.send('POST', `${space.path()}?dryRun=All`, { body: widget('a', { replicas: 6 }) }))).toBe('too many');
    const generated = { ...widget('', { replicas: 6 }), metadata: { generateName: 'gen-' } };
    expect(messageOf(await space.send('POST', space.path(), { body: generated }))).toMatch(
      /^widgets\.contract\.example "gen-\w{5}" is forbidden/,
    );

    // What the schema refuses never gets here; what exists already does.
    expect(messageOf(await space.create('a', { replicas: 77 }))).toMatch(/^Widget\.contract\.example "a" is invalid/);
    expect(await refused(space.create('old', { replicas: 6 }))).toBe('too many');
    expect((await space.merge(space.path('old'), { spec: { replicas: 3 } })).code).toBe(200);
    expect((await space.merge(space.path('old', 'status'), { status: { epoch: 1 } })).code).toBe(200);
    expect((await space.merge(space.path('old', 'scale'), { spec: { replicas: 2 } })).code).toBe(200);
    expect((await space.get('old')).body).toMatchObject({ spec: { replicas: 2 }, status: { epoch: 1 } });
  });

  test('a policy sees the request, and warns without refusing', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    const parts = [
      'request.operation',
      'request.kind.kind',
      'request.resource.group',
      'request.resource.resource',
      'request.?subResource.orValue("-")',
      'request.?name.orValue("-")',
      'string(request.dryRun)',
      'request.userInfo.username',
      'request.userInfo.groups.join("+")',
      'string(has(request.userInfo.extra))',
      'string(object == null)',
      'string(oldObject == null)',
      'string(request.namespace == namespaceObject.metadata.name)',
      'string(request.options.kind)',
    ];
    await admission.enforce(
      'warn',
      { validations: [{ expression: 'false', messageExpression: parts.join(' + " " + ') }] },
      { validationActions: ['Warn', 'Audit'] },
    );
    await admission.inForce();
    const admin = 'admin system:masters+system:authenticated false';
    expect(warned(await space.create('a'))).toEqual([
      `CREATE Widget contract.example widgets - a false ${admin} false true true CreateOptions`,
    ]);
    expect(warned(await space.merge(space.path('a'), { spec: { replicas: 2 } }))).toEqual([
      `UPDATE Widget contract.example widgets - a false ${admin} false false true UpdateOptions`,
    ]);
    expect(warned(await space.merge(`${space.path('a')}?dryRun=All`, { spec: { replicas: 2 } }))).toEqual([
      `UPDATE Widget contract.example widgets - a true ${admin} false false true UpdateOptions`,
    ]);
    expect(warned(await space.merge(space.path('a', 'status'), { status: { replicas: 2 } }))).toEqual([
      `UPDATE Widget contract.example widgets status a false ${admin} false false true UpdateOptions`,
    ]);
    expect(warned(await space.merge(space.path('a', 'scale'), { spec: { replicas: 3 } }))).toEqual([
      `UPDATE Scale contract.example widgets scale a false ${admin} false false true UpdateOptions`,
    ]);
    expect(warned(await space.apply('b', 'me', { size: '1Gi' }))).toEqual([
      `CREATE Widget contract.example widgets - b false ${admin} false true true CreateOptions`,
    ]);
    expect(warned(await space.send('DELETE', `${space.path()}?fieldSelector=metadata.name%3Da`))).toEqual([
      `DELETE Widget contract.example widgets - - false ${admin} true false true DeleteOptions`,
    ]);
    expect(warned(await space.send('DELETE', space.path('b')))).toEqual([
      `DELETE Widget contract.example widgets - b false ${admin} true false true DeleteOptions`,
    ]);
  });

  test('conditions and selectors say what a policy is for', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    const other = await workspace();
    await admission.enforce('conditions', {
      matchConditions: [{ name: 'named', expression: 'object != null && object.metadata.name != "exempt"' }],
      validations: [{ expression: 'false', message: 'never' }],
    });
    await admission.inForce();
    expect((await space.create('a')).code).toBe(422);
    expect((await space.create('exempt')).code).toBe(201);
    expect((await other.create('a')).code).toBe(201);
    expect((await space.send('DELETE', space.path('exempt'))).code).toBe(200);
  });

  test('a policy is for the objects, operations and names that it selects', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    const rules = { apiGroups: ['contract.example'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['widgets'] };
    await admission.enforce(
      'selectors',
      {
        matchConstraints: { resourceRules: [rules], excludeResourceRules: [{ ...rules, resourceNames: ['spared'] }] },
        validations: [{ expression: 'false', message: 'never' }],
      },
      { matchResources: { objectSelector: { matchExpressions: [{ key: 'guarded', operator: 'In', values: ['yes'] }] } } },
    );
    const labels = { guarded: 'yes' };
    await admission.inForce({ labels });
    expect((await space.create('a', {}, { labels })).code).toBe(422);
    expect((await space.create('free')).code).toBe(201);
    expect((await space.apply('spared', 'me', { size: '1Gi' })).code).toBe(201);
    const guard = { metadata: { labels } };
    expect((await space.merge(space.path('spared'), guard)).code).toBe(200);
    expect((await space.merge(space.path('free'), guard)).code).toBe(422);
    expect((await space.merge(space.path('free', 'status'), { status: { replicas: 1 } })).code).toBe(200);
    expect((await space.send('DELETE', space.path('free'))).code).toBe(200);
  });

  test.for<['Fail' | 'Ignore', number, RegExp]>([
    ['Fail', 422, /expression 'object == null \|\| object\.metadata.*no such key: missing$/],
    ['Ignore', 201, /^undefined$/],
  ])('what cannot be computed counts by failurePolicy %s', async ([failurePolicy, code, words]) => {
    const admission = await admissionSpace();
    const { space } = admission;
    await admission.enforce('failing', {
      failurePolicy,
      validations: [{ expression: 'object == null || object.spec.size == "2Gi" || object.spec.missing == 1' }],
    });
    await admission.enforce('condition', {
      failurePolicy,
      matchConditions: [
        { name: 'computable', expression: 'object == null || object.metadata.name == "probe" || object.spec.missing == 1' },
      ],
      validations: [{ expression: 'object == null || object.spec.size != "2Gi"', message: 'not two' }],
    });
    await admission.inForce();
    await expect.poll(async () => (await space.create('a')).code, { timeout: 30_000 }).toBe(code);
    const conditional = await space.create('b', { size: '2Gi' });
    expect(conditional.code).toBe(code);
    expect(messageOf(conditional)).toMatch(words);
  });

  test('subresources that are actions are creations of their own kind', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    const core = { apiGroups: [''], apiVersions: ['v1'], operations: ['*'] };
    await admission.enforce('actions', {
      matchConstraints: {
        resourceRules: [
          { ...core, resources: ['pods/eviction', 'serviceaccounts/token'] },
          { ...rule, resources: ['widgets'] },
        ],
      },
      validations: [
        {
          expression: '!(request.kind.kind in ["Eviction", "TokenRequest"])',
          messageExpression:
            '[request.operation, request.kind.kind, request.subResource, request.name, string(oldObject == null)].join(" ")',
        },
      ],
    });
    await admission.inForce();
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    expect((await space.send('POST', space.core('pods'), { body: pod })).code).toBe(201);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    expect(await refused(space.send('POST', `${space.core('pods', 'p')}/eviction`, { body: eviction }))).toBe(
      'CREATE Eviction eviction p true',
    );
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    expect(await refused(space.send('POST', `${space.core('serviceaccounts', 'default')}/token`, { body: request }))).toBe(
      'CREATE TokenRequest token default true',
    );
  });

  test('a policy ends with its binding', async () => {
    const admission = await admissionSpace();
    const { space } = admission;
    const name = await admission.enforce('ends', { validations: [{ expression: 'object == null', message: 'never' }] });
    await admission.inForce();
    expect((await space.create('a')).code).toBe(422);
    expect((await space.send('DELETE', `${policyBindings}/${name}-b`)).code).toBe(200);
    await expect.poll(async () => (await space.create('a')).code, { timeout: 30_000 }).toBe(201);
  });
}
