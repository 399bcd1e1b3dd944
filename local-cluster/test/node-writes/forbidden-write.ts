import type { NodePolicy } from '@vectorcluster/crds/admission-policy.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import type { NodeSpace } from './node-space.ts';

/** A write that a policy forbids, such that nothing else does. */
export interface ForbiddenWrite {
  readonly name: string;
  readonly policy: NodePolicy;
  /** That forbids it: without the rule the write passes. */
  readonly rule: string;
  /** Of the rule's expression: without this part the write passes. The whole rule when left out. */
  readonly part?: string;
  readonly attempt: (space: NodeSpace) => Promise<Reply>;
}
