/** Objects of which there is one: make what is missing, mend what was changed, never take what belongs to somebody else. */
import type { Finding } from './conditions.ts';
import type { ObservedObject } from './observed-nodes.ts';
import type { ObjectStep } from './step.ts';

export function objectSteps(objects: readonly ObservedObject[]): readonly ObjectStep[] {
  return objects.flatMap(({ kind, name, state }): ObjectStep[] => {
    switch (state.kind) {
      case 'current':
      case 'foreign':
        return [];
      case 'missing':
        return [{ kind: 'apply-object', object: name, objectKind: kind, because: `${kind} ${name} does not exist` }];
      case 'different':
        return [{ kind: 'apply-object', object: name, objectKind: kind, because: `${kind} ${name}: ${state.difference}` }];
    }
  });
}

export function foreignObjects(objects: readonly ObservedObject[]): readonly Finding[] {
  return objects.flatMap(({ kind, name, state }) =>
    state.kind === 'foreign'
      ? [
          {
            reason: 'NameTaken',
            message: `${kind} ${name} exists and belongs to ${state.owner}: it is left alone; delete it, or give the cluster or pool another name`,
          },
        ]
      : [],
  );
}
