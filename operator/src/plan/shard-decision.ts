import type { ShardStep } from './step.ts';

/** What one look at a shard comes to. */
export type Decision =
  | { readonly kind: 'step'; readonly step: ShardStep }
  | {
      readonly kind: 'wait';
      readonly because: string;
      readonly recheckAfterMs?: number | undefined;
      /** The shard serves meanwhile. */
      readonly isServing?: boolean;
      /** It passes by itself or leads nowhere: nobody needs to read of it. */
      readonly isUntold?: boolean;
    }
  /** Nobody but a person can do something about it. */
  | { readonly kind: 'lost'; readonly reason: 'CopyLost' | 'StatusLost'; readonly because: string };
