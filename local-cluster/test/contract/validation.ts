import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/api-server/core/json.ts';
import { causesOf, failure, field, widget, type Workspace } from './widgets.ts';

const unchecked =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
const prefix = 'Widget.contract.example "a" is invalid: ';

const misspelt = (name: string): JsonObject => widget(name, { sise: '1', parts: [{ name: 'p', valeu: 'x' }], free: { any: { thing: 1 } } });

/** Schemas, defaults, unknown fields and CEL. */
export function validationContract(workspace: () => Promise<Workspace>): void {
  test.for<[string, Record<string, never> | object, string]>([
    [
      'a wrong type',
      { replicas: 'two' },
      `[spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: two is of the type string, expected int64, ${unchecked}]`,
    ],
    [
      'too small a number',
      { replicas: -1 },
      '[spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0, .spec.replicas: Invalid value: -1: should be a non-negative integer]',
    ],
    ['too large a number', { replicas: 11 }, 'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10'],
    ['a value outside the enum', { mode: 'Odd' }, `[spec.mode: Unsupported value: "Odd": supported values: "Fast", "Slow", ${unchecked}]`],
    ['a pattern', { name: 'ABC' }, 'spec.name: Invalid value: "ABC": spec.name in body should match \'^[a-z]+$\''],
    ['too short a text', { name: 'a' }, 'spec.name: Invalid value: "a": spec.name in body should be at least 2 chars long'],
    ['too long a text', { size: '12345678901' }, `[spec.size: Too long: may not be more than 10 bytes, ${unchecked}]`],
    ['too many items', { ordered: ['1', '2', '3', '4', '5', '6'] }, `[spec.ordered: Too many: 6: must have at most 5 items, ${unchecked}]`],
    ['a duplicate in a set', { tags: ['x', 'x'] }, 'spec.tags[1]: Duplicate value: "x"'],
    ['a duplicate key', { parts: [{ name: 'p' }, { name: 'p' }] }, 'spec.parts[1]: Duplicate value: {"name":"p"}'],
    ['a missing field of an item', { parts: [{ value: 'v' }] }, `[spec.parts[0].name: Required value, ${unchecked}]`],
    ['a CEL rule', { replicas: 7 }, 'spec: Invalid value: "object": seven is not allowed'],
  ])('%s is refused', async ([, spec, message], { expect }) => {
    const space = await workspace();
    const reply = await space.send('POST', space.path(), { body: { ...widget('a'), spec: { size: '1Gi', ...spec } } });
    expect(failure(reply)).toEqual({ code: 422, reason: 'Invalid', message: prefix + message });
  });

  test('all that is wrong is told at once, with causes', async () => {
    const space = await workspace();
    const reply = await space.send('POST', space.path(), { body: { ...widget('a'), spec: { replicas: -1, mode: 'Odd' } } });
    expect(new Set(causesOf(reply))).toEqual(new Set(['spec.mode', 'spec.replicas', 'spec.size', '.spec.replicas', '<nil>']));
    expect(field(reply, 'details')).toMatchObject({ name: 'a', group: 'contract.example', kind: 'Widget' });
  });

  test('defaults are filled in, and nulls where null is not allowed', async () => {
    const space = await workspace();
    const made = await space.create('a', { mode: null, owner: null, parts: [{ name: 'p' }] });
    expect(made.body['spec']).toEqual({ size: '1Gi', mode: 'Fast', owner: null, parts: [{ name: 'p', weight: 1 }] });
  });

  test('unknown fields are dropped, warned about, or refused', async () => {
    const space = await workspace();
    const dropped = await space.send('POST', `${space.path()}?fieldValidation=Ignore`, { body: misspelt('a') });
    expect(dropped).toMatchObject({ code: 201, warnings: [] });
    expect(dropped.body['spec']).toEqual({ size: '1Gi', mode: 'Fast', parts: [{ name: 'p', weight: 1 }], free: { any: { thing: 1 } } });
    const warned = await space.send('POST', `${space.path()}?fieldValidation=Warn`, { body: misspelt('b') });
    expect(warned.code).toBe(201);
    expect(warned.warnings.join()).toContain('unknown field \\"spec.sise\\"');
    expect(warned.warnings.join()).toContain('unknown field \\"spec.parts[0].valeu\\"');
    const strict = await space.send('POST', `${space.path()}?fieldValidation=Strict`, { body: misspelt('c') });
    expect(failure(strict)).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: expect.stringContaining('strict decoding error: unknown field "spec.'),
    });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i', imgae: 'x' }] } };
    const strictPod = await space.send('POST', `${space.core('pods')}?fieldValidation=Strict`, { body: pod });
    expect(failure(strictPod)).toMatchObject({ code: 400, message: expect.stringContaining('unknown field "spec.containers[0].imgae"') });
  });

  test('transition rules compare with what was', async () => {
    const space = await workspace();
    await space.create('a', { size: '10Gi', parts: [{ name: 'p', weight: 3 }, { name: 'q' }] });
    const refused = async (spec: object) => failure(await space.merge(space.path('a'), { spec: { ...spec } }))['message'];
    expect(await refused({ size: '9Gi' })).toBe(`${prefix}spec.size: Invalid value: "string": size cannot shrink`);
    expect(await refused({ mode: 'Slow' })).toBe(`${prefix}spec.mode: Invalid value: "object": mode cannot change`);
    expect(
      await refused({
        parts: [
          { name: 'q', weight: 1 },
          { name: 'p', weight: 2 },
        ],
      }),
    ).toBe(`${prefix}spec.parts[1].weight: Invalid value: "object": weight never goes back`);
    expect(
      (
        await space.merge(space.path('a'), {
          spec: {
            size: '10240Mi',
            parts: [
              { name: 'p', weight: 4 },
              { name: 'new', weight: 0 },
            ],
          },
        })
      ).code,
    ).toBe(200);
  });

  test('transition rules on status hold for the status subresource', async () => {
    const space = await workspace();
    await space.create('a');
    const epoch = (value: number) => space.merge(space.path('a', 'status'), { status: { epoch: value } });
    expect((await epoch(3)).code).toBe(200);
    expect(failure(await epoch(5))).toEqual({
      code: 422,
      reason: 'Invalid',
      message: `${prefix}status.epoch: Invalid value: "object": epoch grows by one`,
    });
    expect((await epoch(4)).code).toBe(200);
  });

  test('Pods have their defaults and their spec stays', async () => {
    const space = await workspace();
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'example/i:1' }] } };
    const made = await space.send('POST', space.core('pods'), { body: pod });
    expect(made.body).toMatchObject({
      spec: {
        restartPolicy: 'Always',
        dnsPolicy: 'ClusterFirst',
        terminationGracePeriodSeconds: 30,
        serviceAccountName: 'default',
        schedulerName: 'default-scheduler',
        containers: [{ imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' }],
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    });
    const path = space.core('pods', 'p');
    const body = { spec: { containers: [{ name: 'c', image: 'example/i:2' }] } };
    expect((await space.send('PATCH', path, { body, contentType: 'application/strategic-merge-patch+json' })).code).toBe(200);
    const changed = await space.merge(path, { spec: { restartPolicy: 'Never' } });
    expect(failure(changed)).toMatchObject({
      code: 422,
      message: expect.stringContaining('Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than'),
    });
    expect(
      failure(await space.send('POST', space.core('pods'), { body: { ...pod, metadata: { name: 'q' }, spec: { containers: [] } } })),
    ).toMatchObject({ code: 422, message: 'Pod "q" is invalid: spec.containers: Required value' });
  });
}
