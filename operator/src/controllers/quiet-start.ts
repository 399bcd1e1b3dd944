/**
 * An object this young says nothing of itself yet unless it is done or stuck: others are about to write the same status, and on the way
 * of a client's create call every write that only says "not yet" costs time.
 */
const quietMs = 2000;

/** How long the object should still be left alone; 0 when not at all. */
export function quietLeftMs(creationTimestamp: string | undefined, now: Date): number {
  const age = now.getTime() - Date.parse(creationTimestamp ?? '');
  return age >= 0 && age < quietMs ? quietMs - age : 0;
}
