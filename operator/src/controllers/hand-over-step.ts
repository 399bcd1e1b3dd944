import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Writer } from '../apply/writer.ts';
import type { HandOverStep } from '../plan/step.ts';
import type { OperatorContext } from './controller.ts';

export interface HandOverRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly key: string;
  readonly namespace: string;
}

/** On a fresh read; what has changed since it was decided, another epoch above all, makes it pointless and leaves the shard as it is. */
export async function runHandOverStep({ context, writer, key, namespace }: HandOverRun, step: HandOverStep): Promise<void> {
  const { client, caches } = context;
  const stored = await swapStatus({
    client,
    type: vectorShards,
    name: { namespace, name: step.object },
    change: (fresh: VectorShard) => {
      const { status } = fresh;
      const isStill = status?.epoch === step.epoch && status.handOff === undefined && status.inSync?.includes(step.target) === true;
      return isStill ? { ...fresh, status: { ...status, handOff: { target: step.target, epoch: step.epoch } } } : undefined;
    },
  });
  if (stored !== undefined) writer.noteWritten(key, { type: vectorShards, view: caches.shards }, stored);
}
