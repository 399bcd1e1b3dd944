import { createCaches, type Caches } from '../src/replica-host/caches.ts';
import { tuningFor } from '../src/tuning.ts';

/** Of a node that nothing limits. */
export function unlimitedCaches(): Caches {
  return createCaches(tuningFor({ memoryBytes: undefined, processors: 1 }));
}
