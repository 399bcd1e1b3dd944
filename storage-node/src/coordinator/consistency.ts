/** How fresh an answer must be, as a client asks for it, and what that means for one shard. */
import type { ReadLevel } from '../replication/serving-reads.ts';
import type { Session } from './session.ts';

export type Consistency =
  | { readonly kind: 'eventual' }
  | { readonly kind: 'recent' }
  | { readonly kind: 'bounded'; readonly staleMs: number }
  | { readonly kind: 'session' }
  | { readonly kind: 'linearizable' };

const recent: ReadLevel = { kind: 'recent', silenceMs: 2_000 };

/** `shard` is its UID. In a shard that the session has not met yet nothing can go back. */
export function levelFor(consistency: Consistency, session: Session | undefined, shard: string): ReadLevel {
  switch (consistency.kind) {
    case 'recent':
      return recent;
    case 'session': {
      const token = session?.positionIn(shard);
      return token === undefined ? recent : { kind: 'session', token };
    }
    case 'eventual':
    case 'bounded':
    case 'linearizable':
      return consistency;
  }
}
