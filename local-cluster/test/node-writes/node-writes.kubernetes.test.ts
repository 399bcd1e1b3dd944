/**
 * What a storage node may write, on every API server: what it needs passes, everything else is refused with words. Each rule of the
 * policies is taken out alone, and what it forbade then passes: no rule is there in vain, and none stands in for another.
 */
import { statusBeforeAny } from '@vectorcluster/crds/meta.ts';
import { collectionPolicy, shardPolicy, type NodePolicy } from '@vectorcluster/crds/admission-policy.ts';
import { buildRole } from '@vectorcluster/operator/resources/role.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../../src/bootstrap/definitions.ts';
import { at, show, type JsonObject } from '../../src/api-server/core/json.ts';
import { controlPlanes, type RunningControlPlane } from '../../src/testing/control-planes.ts';
import { KubernetesConnection, type Reply } from '../../src/testing/kubernetes-connection.ts';
import { field } from '../contract/widgets.ts';
import type { ForbiddenWrite } from './forbidden-write.ts';
import { forbiddenTwice, forbiddenWrites } from './forbidden-writes.ts';
import { collectionSpec, NodeSpace, shardSpec } from './node-space.ts';
import { operatorToken } from '../../src/testing/operator-account.ts';
import { id, inForce, member } from './shard-writes.ts';

const handOff = { target: id('b'), epoch: 2 };
const own = (space: NodeSpace, changes: JsonObject = {}): JsonObject => member('a', space.node('shop-data-0'), changes);
const other = (space: NodeSpace): JsonObject => member('b', space.node('shop-data-1'));
const why = (reply: Reply): string => (reply.code < 300 ? 'it passed' : show(field(reply, 'message')));

const policies = [shardPolicy, collectionPolicy];

test('there is a forbidden write for each rule', () => {
  const rules = policies.flatMap((policy) => policy.rules.map(({ name }) => `${policy.name} ${name}`));
  const tried = new Set(forbiddenWrites.filter(({ part }) => part === undefined).map(({ policy, rule }) => `${policy.name} ${rule}`));
  expect([...tried].toSorted()).toEqual(rules.toSorted());
});

/** The policy without what forbids the write. */
function without({ policy, rule, part }: ForbiddenWrite): NodePolicy {
  if (part === undefined) return { ...policy, rules: policy.rules.filter(({ name }) => name !== rule) };
  const rules = policy.rules.map((each) => {
    if (each.name !== rule) return each;
    if (!each.expression.includes(part)) throw new Error(`rule ${rule} has no part ${part}`);
    return { ...each, expression: each.expression.replace(part, '') };
  });
  return { ...policy, rules };
}

describe.for(controlPlanes().map((plane) => [plane.name, plane] as const))('%s', ([, plane]) => {
  const state: { running?: RunningControlPlane; connection?: KubernetesConnection; full?: NodeSpace; least?: NodeSpace } = {};

  const connected = (): KubernetesConnection => {
    if (state.connection === undefined) throw new Error('the control plane is not up');
    return state.connection;
  };
  const least = (): NodeSpace => {
    if (state.least === undefined) throw new Error('there is no namespace yet');
    return state.least;
  };
  const full = (): NodeSpace => {
    if (state.full === undefined) throw new Error('there is no namespace yet');
    return state.full;
  };

  beforeAll(async () => {
    state.running = await plane.start({ crds: await customResourceDefinitions() });
    state.connection = KubernetesConnection.fromKubeconfig(state.running.kubeconfig);
    state.full = await NodeSpace.create(connected(), policies, { isBroad: true });
    state.least = await NodeSpace.create(connected(), policies, { isBroad: false });
  });
  afterAll(async () => {
    state.connection?.close();
    await state.running?.[Symbol.asyncDispose]();
  });

  test.for([...forbiddenWrites, ...forbiddenTwice].map((write) => [write.name, write] as const))(
    '%s: refused, whatever RBAC says',
    async ([, write]) => {
      const refused = await write.attempt(full());
      const rule = write.policy.rules.find(({ name }) => name === write.rule);
      expect(refused).toMatchObject({ code: 403, body: { reason: 'Forbidden' } });
      expect(show(field(refused, 'message'))).toMatch(/ is forbidden: ValidatingAdmissionPolicy '.*' with binding '.*' denied request: /);
      expect(show(field(refused, 'message')).replace(/^.* denied request: /, '')).toBe(rule?.message);
    },
  );

  test.for(forbiddenWrites.map((write) => [write.name, write] as const))('%s: passes when its rule is gone', async ([, write]) => {
    const space = await NodeSpace.create(connected(), [without(write)], { isBroad: true });
    const reply = await write.attempt(space);
    expect(why(reply)).toBe('it passed');
  });

  describe('with the Role that the operator makes', () => {
    interface Allowed {
      readonly name: string;
      readonly writer: string;
      readonly spec?: JsonObject;
      readonly before: (space: NodeSpace) => JsonObject;
      readonly after: (space: NodeSpace) => JsonObject;
    }
    test.for<Allowed>([
      {
        name: 'registers in a new shard',
        writer: 'shop-data-0',
        before: () => ({}),
        after: (space) => ({ ...statusBeforeAny, members: [own(space)] }),
      },
      {
        name: 'registers beside others, in whatever order',
        writer: 'shop-data-0',
        before: (space) => ({ members: [other(space), member('c', 'shop-data-2', { kind: 'Learner' })] }),
        after: (space) => ({ members: [own(space), member('c', 'shop-data-2', { kind: 'Learner' }), other(space)] }),
      },
      {
        name: 'registers again after its process started again',
        writer: 'shop-data-0',
        before: (space) => inForce(space),
        after: (space) => inForce(space, { members: [own(space, { eligibleFromEpoch: 3 }), other(space)] }),
      },
      {
        name: 'takes over the entry of the Pod that had its name',
        writer: 'shop-data-0',
        before: (space) => inForce(space, { members: [own(space, { podUid: 'earlier', zone: 'b' }), other(space)] }),
        after: (space) => inForce(space, { members: [own(space, { eligibleFromEpoch: 3 }), other(space)] }),
      },
      {
        name: 'registers a new replica beside a damaged one',
        writer: 'shop-data-0',
        before: (space) => inForce(space),
        after: (space) => inForce(space, { members: [own(space), other(space), member('e', space.node('shop-data-0'))] }),
      },
      {
        name: 'becomes a voter when it is assigned as one',
        writer: 'shop-data-0',
        before: (space) => ({ members: [own(space, { kind: 'Learner' })] }),
        after: (space) => ({ members: [own(space)] }),
      },
      {
        name: 'keeps its kind when it is assigned no more',
        writer: 'shop-data-0',
        spec: { assignments: [{ node: 'shop-data-1', kind: 'Voter' }] },
        before: (space) => inForce(space),
        after: (space) => inForce(space, { members: [own(space, { eligibleFromEpoch: 3 }), other(space)] }),
      },
      {
        name: 'shrinks the in-sync set as its primary',
        writer: 'shop-data-0',
        before: (space) => inForce(space),
        after: (space) => inForce(space, { inSync: [id('a')] }),
      },
      {
        name: 'expands the in-sync set as its primary, while it is asked to hand over',
        writer: 'shop-data-0',
        before: (space) => inForce(space, { members: [own(space), other(space), member('c', 'shop-data-2')], handOff }),
        after: (space) =>
          inForce(space, {
            inSync: [id('a'), id('b'), id('c')],
            members: [own(space), other(space), member('c', 'shop-data-2')],
            handOff,
          }),
      },
    ])('a node $name', async ({ writer, spec = {}, before, after }) => {
      const space = least();
      const shard = await space.shard({ ...shardSpec, ...spec }, before(space));
      const written = await space.putStatus(space.node(writer).token, shard, after(space));
      expect(why(written)).toBe('it passed');
      expect(written.body['status']).toEqual(after(space));
    });

    test('a node makes, changes and deletes collections of its cluster', async () => {
      const space = least();
      const { token } = space.node('shop-data-0');
      const object = {
        apiVersion: 'vectorcluster.io/v1',
        kind: 'VectorCollection',
        metadata: { name: 'shop-books' },
        spec: collectionSpec,
      };
      const made = await space.send('POST', space.path('vectorcollections'), { token, body: object });
      expect(why(made)).toBe('it passed');
      const path = space.path('vectorcollections', 'shop-books');
      const aliased = await space.send('PUT', path, { token, body: { ...made.body, spec: { ...collectionSpec, aliases: ['b'] } } });
      expect(aliased).toMatchObject({ code: 200, body: { spec: { aliases: ['b'] } } });
      const uid = show(field(made, 'metadata', 'uid'));
      expect((await space.send('DELETE', path, { token, body: { preconditions: { uid }, propagationPolicy: 'Background' } })).code).toBe(
        200,
      );
    });

    const passes = /^it passed$/;
    const isNotThere = /"none" not found$/;
    const mayNot = /User "system:serviceaccount:.*:shop-node" cannot /;
    test.for<[string, string, string, RegExp]>([
      ['GET', 'vectorshards', '', passes],
      ['GET', 'vectorcollections', '', passes],
      ['GET', 'pods', '', passes],
      ['GET', 'vectorshards', 'none', isNotThere],
      ['GET', 'vectorcollections', 'none', isNotThere],
      ['GET', 'pods', 'none', mayNot],
      ['GET', 'vectorclusters', '', mayNot],
      ['GET', 'vectorclusters', 'other', mayNot],
      ['GET', 'vectorpools', '', mayNot],
      ['GET', 'secrets', '', mayNot],
      ['GET', 'configmaps', '', mayNot],
      ['POST', 'vectorshards', '', mayNot],
      ['PUT', 'vectorshards', 'none', mayNot],
      ['PATCH', 'vectorshards', 'none', mayNot],
      ['DELETE', 'vectorshards', 'none', mayNot],
      ['DELETE', 'vectorshards', '', mayNot],
      ['PATCH', 'vectorshards', 'none/status', mayNot],
      ['PATCH', 'vectorcollections', 'none', mayNot],
      ['PUT', 'vectorcollections', 'none/status', mayNot],
      ['DELETE', 'vectorcollections', '', mayNot],
      ['DELETE', 'pods', 'none', mayNot],
      ['POST', 'events', '', mayNot],
      ['POST', 'serviceaccounts', 'shop-node/token', mayNot],
    ])('a node that sends %s %s %s: %s', async ([method, plural, name, words]) => {
      const space = least();
      const { token } = space.node('shop-data-0');
      const isOurs = plural.startsWith('vector');
      const path = isOurs ? space.path(plural, name) : `/api/v1/namespaces/${space.namespace}/${plural}${name === '' ? '' : `/${name}`}`;
      const reply = await space.send(method, path, {
        token,
        ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
        ...(method !== 'GET' && method !== 'DELETE' && { body: {} }),
      });
      expect(why(reply)).toMatch(words);
    });
  });

  test('the operator may give nodes their Role and write every status, and may not change the policies', async () => {
    const space = least();
    const token = await operatorToken(connected());
    const role = buildRole({ name: 'third', namespace: space.namespace, uid: 'a-uid' });
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${space.namespace}/roles`;
    // A real server lets nobody give rights that he has not.
    await expect.poll(async () => why(await space.send('POST', roles, { token, body: role })), { timeout: 20_000 }).toBe('it passed');
    const shard = await space.shard(shardSpec, inForce(space));
    const next = inForce(space, { epoch: 3, primary: id('b'), inSync: [id('b')], members: [other(space)] });
    expect(why(await space.putStatus(token, shard, next))).toBe('it passed');
    const policy = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/vectorcluster-node-shards';
    expect(why(await space.send('DELETE', policy, { token }))).toMatch(/cannot delete resource "validatingadmissionpolicies"/);
  });

  // The embedded server compiles expressions against dynamic objects and does not check them against the schema.
  test.runIf(plane.name !== 'embedded')('the server finds every expression well typed against the schema', async () => {
    for (const policy of policies) {
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${policy.name}-${full().namespace}`;
      const status = async () => (await full().send('GET', path)).body['status'];
      await expect.poll(status, { timeout: 30_000 }).toMatchObject({ observedGeneration: 1 });
      expect(await status()).not.toHaveProperty('typeChecking.expressionWarnings');
    }
  });

  test('people are not held by what is for nodes', async () => {
    const space = full();
    const shard = await space.shard(shardSpec, inForce(space));
    const path = space.path('vectorshards', show(at(shard, 'metadata', 'name')), 'status');
    const body = { ...shard, status: inForce(space, { epoch: 3, primary: id('b') }) };
    expect((await space.send('PUT', path, { body })).code).toBe(200);
  });
});
