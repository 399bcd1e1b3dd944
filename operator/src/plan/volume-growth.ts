/**
 * Volumes that are to have another size than they have. They grow one by one, in order of their nodes, the next when the one before has its
 * size; what can be known to fail is found before the first is changed.
 */
import type { ConditionDraft, Finding } from './conditions.ts';
import { listed } from './listed.ts';
import { volumeNameOf } from './names.ts';
import type { ObservedNode, ObservedPool } from './observed-nodes.ts';
import type { VolumeSize } from './observed-volume.ts';
import { soonest } from './soonest.ts';
import type { NodeStep } from './step.ts';

/** Storage systems take minutes; after that a person is told. */
const growthDeadlineMs = 600_000;

export interface VolumeGrowth {
  readonly steps: readonly NodeStep[];
  readonly stalled: readonly Finding[];
  /** Of the pool; undefined when it has no volume yet. */
  readonly condition: ConditionDraft | undefined;
  readonly recheckAfterMs: number | undefined;
}

interface Volume extends VolumeSize {
  readonly object: string;
  readonly node: string;
  readonly zone: string;
}

export function planGrowth(pool: ObservedPool, now: Date): VolumeGrowth {
  const volumes = pool.nodes.flatMap(volumeOf);
  const small = volumes.filter(({ asked, wanted }) => asked.bytes < wanted.bytes);
  const growing = volumes.filter(({ asked, wanted, actual = wanted }) => asked.bytes >= wanted.bytes && actual.bytes < wanted.bytes);
  const fixed = small.filter(({ mayGrow }) => !mayGrow);
  const late = growing.filter((volume) => isFailing(volume) || leftMs(volume, now) === 0);
  const stalled = [...otherClass(pool, volumes), ...cannotGrow(pool, fixed), ...late.map(doesNotGrow)];
  const [next] = fixed.length > 0 || growing.length > 0 ? [] : small;
  return {
    steps: [...growing.map(waitFor), ...(next === undefined ? [] : [grow(pool, next)])],
    stalled,
    condition: conditionOf(volumes, growing, stalled),
    recheckAfterMs: soonest(growing.filter((volume) => !late.includes(volume)).map((volume) => leftMs(volume, now))),
  };
}

function volumeOf({ name, zone, volume }: ObservedNode): readonly Volume[] {
  if (volume?.size === undefined || volume.isDeleting || volume.isLost) return [];
  return [{ object: volumeNameOf(name), node: name, zone, ...volume.size }];
}

function isFailing({ resize }: Volume): boolean {
  return resize?.isFailing === true;
}

/** Undefined where Kubernetes does not say since when it grows. */
function leftMs({ resize }: Volume, now: Date): number | undefined {
  return resize?.since && Math.max(0, growthDeadlineMs - (now.getTime() - resize.since.getTime()));
}

function grow({ name }: ObservedPool, { object, node, zone, asked, wanted }: Volume): NodeStep {
  const because = `storage.size of pool ${name} is ${wanted.text}, and it has ${asked.text}`;
  return { kind: 'grow-volume', object, node, pool: name, zone, because };
}

function waitFor(volume: Volume): NodeStep {
  return { kind: 'wait', object: volume.object, because: growthOf(volume) };
}

function growthOf({ actual, wanted, resize }: Volume): string {
  const state = resize && ` (${[resize.type, resize.message].filter((part) => part !== '').join(': ')})`;
  return `it grows from ${actual?.text ?? 'nothing'} to ${wanted.text}${state ?? ''}`;
}

function doesNotGrow(volume: Volume): Finding {
  const remedy = `see kubectl describe pvc ${volume.object} and who runs the storage; where a driver grows file systems only at a mount, delete Pod ${volume.node}`;
  return { reason: 'VolumeDoesNotGrow', message: `${volume.object} does not come to its size: ${growthOf(volume)}; ${remedy}` };
}

function cannotGrow({ name }: ObservedPool, fixed: readonly Volume[]): readonly Finding[] {
  const [first] = fixed;
  if (first === undefined) return [];
  const { wanted, asked, className } = first;
  const why =
    className === '' ? 'they have no StorageClass' : `StorageClass ${className} does not exist or allow it (allowVolumeExpansion)`;
  const message = `spec.pools[${name}].storage.size is ${wanted.text}, but ${listed(fixed.map(({ object }) => object))} cannot grow from ${asked.text}: ${why}. No volume was changed; have the class allow it, or add a pool with larger volumes and take this one out`;
  return [{ reason: 'ExpansionNotAllowed', message }];
}

function otherClass({ name }: ObservedPool, volumes: readonly Volume[]): readonly Finding[] {
  const others = volumes.filter(({ className, classWanted = className }) => className !== classWanted);
  const [first] = others;
  if (first === undefined) return [];
  const message = `spec.pools[${name}].storage.storageClassName is ${first.classWanted}, but ${listed(others.map(({ object }) => object))} have class ${first.className}, which a volume keeps for life; set it back, or add a pool with the other class and take this one out`;
  return [{ reason: 'StorageClassDiffers', message }];
}

function conditionOf(volumes: readonly Volume[], growing: readonly Volume[], stalled: readonly Finding[]): ConditionDraft | undefined {
  const bound = volumes.filter(({ actual }) => actual !== undefined);
  const [first] = bound;
  if (first === undefined) return undefined;
  const { text } = first.wanted;
  const waiting = bound.filter(({ actual, wanted }) => (actual?.bytes ?? 0) < wanted.bytes);
  const have = (count: number) => `${count} of ${bound.length} volumes have ${text}`;
  if (waiting.length === 0) return { type: 'VolumesResized', status: 'True', reason: 'SizesAsAsked', message: have(bound.length) };
  const [problem] = stalled;
  const progress = growing.map((volume) => `${volume.object}: ${growthOf(volume)}`);
  const message = [have(bound.length - waiting.length), ...(problem === undefined ? progress : [problem.message])].join('; ');
  return { type: 'VolumesResized', status: 'False', reason: problem?.reason ?? 'Growing', message };
}
