import { expect, test } from 'vitest';
import { DiskOrder } from './disk-order.ts';

async function ticks(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await Promise.resolve();
}

test('writes begin in the order of the calls, however close to the end of what goes alone', async () => {
  for (let first = 0; first < 8; first += 1) {
    for (let second = first + 1; second < 9; second += 1) {
      const disk = new DiskOrder(
        () => {},
        () => 0,
      );
      const begun: string[] = [];
      const write = (name: string) => disk.write(async () => void begun.push(name));
      const end = Promise.withResolvers<void>();
      void disk.alone(() => end.promise);
      await ticks(3);
      const both = [first, second].map(async (after) => {
        await end.promise;
        await ticks(after);
        await write(String(after));
      });
      end.resolve();
      await Promise.all(both);
      expect(begun).toEqual([String(first), String(second)]);
    }
  }
});

test('what goes alone begins when all before it is durable, and what comes later waits for it', async () => {
  const disk = new DiskOrder(
    () => {},
    () => 0,
  );
  const told: string[] = [];
  const before = Promise.withResolvers<void>();
  void disk.write(() => before.promise);
  void disk.alone(async () => void told.push('alone'));
  const after = disk.write(async () => void told.push('after'));
  await ticks(9);
  expect(told).toEqual([]);
  before.resolve();
  await after;
  expect(told).toEqual(['alone', 'after']);
});
