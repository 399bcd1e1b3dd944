/** From what was admitted to what the log holds: filters become ids, points get rows. */
import type { PointId } from '../model/point-id.ts';
import type { PointSelection } from '../model/write-operation.ts';
import type { AdmittedOperation } from './admission.ts';
import type { ResolvedOperation } from './resolved-operation.ts';

export interface Resolving {
  takeRow(): number;
  /** Ids that a selection names now; all earlier operations are applied. */
  select(selection: PointSelection): Promise<readonly PointId[]>;
}

export function selectsByFilter(operation: AdmittedOperation): boolean {
  return operation.kind !== 'upsert' && operation.selection.kind === 'filter';
}

export async function resolveOperation(operation: AdmittedOperation, resolving: Resolving): Promise<ResolvedOperation> {
  switch (operation.kind) {
    case 'upsert':
      return { kind: 'upsert', points: operation.points.map((point) => ({ ...point, row: resolving.takeRow() })) };
    case 'delete':
      return { kind: 'delete', ids: await resolving.select(operation.selection) };
    case 'set-payload':
      return { kind: 'set-payload', ids: await resolving.select(operation.selection), payload: operation.payload };
  }
}
