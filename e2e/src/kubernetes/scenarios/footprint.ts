import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Scenario } from '../scenario.ts';
import { inShop, type Shop } from '../shop.ts';

const readyWithinMs = 120_000;
const restMs = 60_000;
const operatorBytes = 128 * 1024 * 1024;

export const footprint: Scenario = {
  name: 'footprint',
  promise: 'three nodes are Ready two minutes after helm install began, and an operator at rest takes at most 128 MiB',
  needs: ['loadImage'],
  run: async (world) => {
    const { stages } = world;
    await inShop(footprint, world, {}, async (shop) => {
      assert.ok(shop.readyAfterMs <= readyWithinMs, `Ready after ${shop.readyAfterMs} ms`);
      const bytes = await stages.run(
        'the operators rest',
        async () => {
          await delay(restMs);
          return await memoryOfOperators(shop);
        },
        (each) => `they take ${each.map((size) => `${(size / 2 ** 20).toFixed(0)} MiB`).join(' and ')}`,
      );
      assert.equal(bytes.length, 2);
      for (const each of bytes) assert.ok(each <= operatorBytes, `an operator takes ${each} bytes`);
    });
  },
};

const summary = z.object({
  pods: z.array(
    z.object({
      podRef: z.object({ name: z.string(), namespace: z.string() }),
      containers: z.array(z.object({ memory: z.object({ rssBytes: z.number() }).optional() })).default([]),
    }),
  ),
});

/** Resident and not of files, as kubelets say. */
async function memoryOfOperators({ kubectl, namespace }: Shop): Promise<readonly number[]> {
  const machines = (await kubectl('get', 'nodes', '--output=jsonpath={.items[*].metadata.name}')).split(' ');
  const answers = await Promise.all(machines.map((machine) => kubectl('get', '--raw', `/api/v1/nodes/${machine}/proxy/stats/summary`)));
  return answers
    .flatMap((answer) => summary.parse(JSON.parse(answer)).pods)
    .filter(({ podRef }) => podRef.namespace === namespace && podRef.name.startsWith('vectorcluster-operator'))
    .flatMap(({ containers }) => containers.flatMap(({ memory }) => memory?.rssBytes ?? []));
}
