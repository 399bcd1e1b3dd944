import type { ReplicaEvent } from '../replication/events.ts';

/** What failed in the work of one replica: an event of the protocol, or what was done beside it. */
export interface Mistake {
  readonly during: ReplicaEvent['kind'] | 'apply' | 'order-writes' | 'index' | 'read-configuration';
  readonly error: unknown;
}

export function textOf({ during, error }: Mistake): string {
  return `a mistake of the program showed during ${during}: ${error instanceof Error ? error.message : String(error)}`;
}
