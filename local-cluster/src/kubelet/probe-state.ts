/**
 * When a container counts as started, ready and alive, from the results of its probes; thresholds as in the Pod's spec.
 * Until the startup probe has succeeded, the others do not run and the container is not ready.
 */
import type { Probe } from '@vectorcluster/kube/types/core.ts';

export interface ProbeSpecs {
  readonly startup?: Probe | undefined;
  readonly liveness?: Probe | undefined;
  readonly readiness?: Probe | undefined;
}

export type ProbeName = keyof ProbeSpecs;

export interface ProbeState {
  readonly started: boolean;
  readonly ready: boolean;
  /** Results in a row, per probe: positive for successes, negative for failures. */
  readonly run: Readonly<Record<ProbeName, number>>;
}

export type ProbeVerdict = 'none' | 'restart';

export function initialProbeState(probes: ProbeSpecs): ProbeState {
  const started = probes.startup === undefined;
  return { started, ready: started && probes.readiness === undefined, run: { startup: 0, liveness: 0, readiness: 0 } };
}

/** Probes that are due to run in this state. */
export function activeProbes(state: ProbeState, probes: ProbeSpecs): readonly ProbeName[] {
  const names: readonly ProbeName[] = state.started ? ['liveness', 'readiness'] : ['startup'];
  return names.filter((name) => probes[name] !== undefined);
}

export function afterProbe(
  state: ProbeState,
  probes: ProbeSpecs,
  name: ProbeName,
  succeeded: boolean,
): readonly [ProbeState, ProbeVerdict] {
  const before = state.run[name];
  const length = succeeded ? Math.max(before, 0) + 1 : Math.min(before, 0) - 1;
  const next: ProbeState = { ...state, run: { ...state.run, [name]: length } };
  const failedOut = -length >= (probes[name]?.failureThreshold ?? 3);
  const passed = length >= (probes[name]?.successThreshold ?? 1);
  switch (name) {
    case 'startup':
      if (passed) return [{ ...next, started: true, ready: probes.readiness === undefined }, 'none'];
      return [next, failedOut ? 'restart' : 'none'];
    case 'liveness':
      return [next, failedOut ? 'restart' : 'none'];
    case 'readiness':
      if (passed) return [{ ...next, ready: true }, 'none'];
      return [failedOut ? { ...next, ready: false } : next, 'none'];
  }
}
