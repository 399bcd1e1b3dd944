/** Steps one after another: the state of each is the start of the next, and effects keep their order. */
import type { Effect, Step } from './effects.ts';

export function chain<State>(start: State, ...steps: readonly ((state: State) => Step<State>)[]): Step<State> {
  let state = start;
  const effects: Effect[] = [];
  for (const step of steps) {
    const [next, caused] = step(state);
    state = next;
    effects.push(...caused);
  }
  return [state, effects];
}
