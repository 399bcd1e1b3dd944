/** One promise to a user, shown on a real Kubernetes. */
import type { Stages } from './stages.ts';
import type { Ability, Target } from './target.ts';

export interface Scenario {
  /** As SCENARIO= names it, and its namespace. */
  readonly name: string;
  readonly promise: string;
  /** What the Kubernetes must allow besides what all do. */
  readonly needs: readonly Ability[];
  /** Throws what did not hold. */
  run(world: World): Promise<void>;
}

export interface World {
  readonly target: Target;
  readonly stages: Stages;
  readonly say: (line: string) => void;
  /** Requests after which a scenario that repeats itself is content. */
  readonly requests: number;
  /** How often a scenario repeats what its figures are about. */
  readonly runs: number;
}
