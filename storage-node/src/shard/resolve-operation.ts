/** From what a client asked to what the log holds: filters become ids, points get rows, vectors their stored form. */
import { stringifyObject } from '../json/lossless-json.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { PointId } from '../model/point-id.ts';
import type { PointSelection, WriteOperation } from '../model/write-operation.ts';
import { admitVectors } from './admission.ts';
import type { ResolvedOperation } from './resolved-operation.ts';

export interface Resolving {
  readonly config: CollectionConfig;
  nextRow(): number;
  /** Ids that a selection names now; all earlier operations are applied. */
  select(selection: PointSelection): Promise<readonly PointId[]>;
}

export function selectsByFilter(operation: WriteOperation): boolean {
  return operation.kind !== 'upsert' && operation.selection.kind === 'filter';
}

/** Throws BadInputError before any row is taken. */
export async function resolveOperation(operation: WriteOperation, resolving: Resolving): Promise<ResolvedOperation> {
  switch (operation.kind) {
    case 'upsert': {
      const admitted = operation.points.map((point) => ({ point, vectors: admitVectors(point, resolving.config) }));
      const points = admitted.map(({ point, vectors }) => {
        return { id: point.id, row: resolving.nextRow(), payload: Buffer.from(stringifyObject(point.payload)), vectors };
      });
      return { kind: 'upsert', points };
    }
    case 'delete':
      return { kind: 'delete', ids: await resolving.select(operation.selection) };
    case 'set-payload': {
      const payload = Buffer.from(stringifyObject(operation.payload));
      return { kind: 'set-payload', ids: await resolving.select(operation.selection), payload };
    }
  }
}
