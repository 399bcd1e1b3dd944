import { expect, test } from 'vitest';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import { FreshPods } from './fresh-pods.ts';

class Reads {
  ms = 0;
  readonly asked: string[] = [];
  fails = false;
  readonly pods = new FreshPods(this, () => this.ms);

  async get<T extends KubeObject>(_: ResourceType<T>, name: string): Promise<T | undefined> {
    this.asked.push(name);
    if (this.fails) throw new Error('away');
    return undefined;
  }
}

test('what is decided at once shares a read, what is decided later has its own', async () => {
  const reads = new Reads();
  await Promise.all(['n0', 'n1', 'n0'].map((name) => reads.pods.get('shop', name)));
  reads.ms = 249;
  await reads.pods.get('shop', 'n0');
  expect(reads.asked).toEqual(['n0', 'n1']);
  reads.ms = 250;
  await reads.pods.get('shop', 'n0');
  expect(reads.asked).toEqual(['n0', 'n1', 'n0']);
});

test('a failure is not kept', async () => {
  const reads = new Reads();
  reads.ms = 100;
  reads.fails = true;
  await expect(reads.pods.get('shop', 'n0')).rejects.toThrow('away');
  reads.fails = false;
  await reads.pods.get('shop', 'n0');
  expect(reads.asked).toEqual(['n0', 'n0']);
});
