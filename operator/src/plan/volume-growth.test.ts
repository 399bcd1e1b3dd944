import { expect, test } from 'vitest';
import { dataNode, dataPool } from '../../test/observed-nodes.ts';
import type { ObservedVolume, VolumeSize } from './observed-volume.ts';
import { planGrowth } from './volume-growth.ts';

const now = new Date('2026-01-01T00:00:00Z');
const gi = (count: number) => ({ text: `${count}Gi`, bytes: count * 1024 ** 3 });
const sizeOf = (asked: number, actual: number | undefined, parts: Partial<VolumeSize> = {}): VolumeSize => ({
  wanted: gi(20),
  asked: gi(asked),
  actual: actual === undefined ? undefined : gi(actual),
  className: 'standard',
  classWanted: undefined,
  mayGrow: true,
  resize: undefined,
  ...parts,
});
const pending = { type: 'FileSystemResizePending', message: '', isFailing: false, since: new Date('2025-12-31T23:59:00Z') };

function volumeOf(size: VolumeSize | undefined): ObservedVolume {
  return {
    precondition: { uid: 'v', resourceVersion: '1' },
    isDeleting: false,
    isPending: false,
    isLost: false,
    difference: undefined,
    size,
  };
}

function planOf(...sizes: readonly (VolumeSize | undefined)[]) {
  const pool = dataPool(sizes.length, []);
  return planGrowth({ ...pool, nodes: sizes.map((size, ordinal) => dataNode(ordinal, 'a', { volume: volumeOf(size) })) }, now);
}

const stepsOf = (plan: ReturnType<typeof planOf>) => plan.steps.map(({ kind, object }) => `${kind} ${object}`);
const conditionOf = ({ condition }: ReturnType<typeof planOf>) =>
  condition && `${condition.status} ${condition.reason}: ${condition.message}`;

test.for<[string, readonly (VolumeSize | undefined)[], readonly string[], string | undefined]>([
  ['no storage', [undefined], [], undefined],
  ['not bound yet', [sizeOf(20, undefined)], [], undefined],
  ['all as asked', [sizeOf(20, 20), sizeOf(20, 20)], [], 'True SizesAsAsked: 2 of 2 volumes have 20Gi'],
  ['larger than asked is left alone', [sizeOf(30, 30)], [], 'True SizesAsAsked: 1 of 1 volumes have 20Gi'],
  ['the first begins', [sizeOf(10, 10), sizeOf(10, 10)], ['grow-volume data-shop-data-0'], 'False Growing: 0 of 2 volumes have 20Gi'],
  [
    'the second waits for the first',
    [sizeOf(20, 10, { resize: pending }), sizeOf(10, 10)],
    ['wait data-shop-data-0'],
    'False Growing: 0 of 2 volumes have 20Gi; data-shop-data-0: it grows from 10Gi to 20Gi (FileSystemResizePending)',
  ],
  ['the second follows', [sizeOf(20, 20), sizeOf(10, 10)], ['grow-volume data-shop-data-1'], 'False Growing: 1 of 2 volumes have 20Gi'],
])('%s', ([, sizes, steps, condition]) => {
  const plan = planOf(...sizes);
  expect(stepsOf(plan)).toEqual(steps);
  expect(conditionOf(plan)).toBe(condition);
  expect(plan.stalled).toEqual([]);
});

test('one volume that cannot grow keeps all of them as they are', () => {
  const plan = planOf(sizeOf(10, 10), sizeOf(10, 10, { mayGrow: false, className: '' }));
  expect(stepsOf(plan)).toEqual([]);
  expect(plan.stalled).toMatchObject([{ reason: 'ExpansionNotAllowed' }]);
  expect(plan.stalled[0]?.message).toContain('data-shop-data-1 cannot grow from 10Gi: they have no StorageClass');
  expect(plan.condition).toMatchObject({ status: 'False', reason: 'ExpansionNotAllowed' });
});

test('a volume is looked at again when its time is up', () => {
  expect(planOf(sizeOf(20, 10, { resize: pending })).recheckAfterMs).toBe(540_000);
});

test('another class than the one it has is told, and does not keep it from growing', () => {
  const plan = planOf(sizeOf(10, 10, { classWanted: 'fast' }));
  expect(plan.stalled).toMatchObject([{ reason: 'StorageClassDiffers' }]);
  expect(plan.stalled[0]?.message).toContain('data-shop-data-0 have class standard, which a volume keeps for life');
  expect(stepsOf(plan)).toEqual(['grow-volume data-shop-data-0']);
});
