import { expect, test } from 'vitest';
import { activeProbes, afterProbe, initialProbeState, type ProbeName, type ProbeSpecs } from './probe-state.ts';

const probes: ProbeSpecs = { startup: { failureThreshold: 3 }, liveness: { failureThreshold: 2 }, readiness: { failureThreshold: 2 } };

/** Plays results in order; `+` succeeds, `-` fails; returns what is true after each. */
function play(specs: ProbeSpecs, results: readonly [ProbeName, '+' | '-'][]): string[] {
  let state = initialProbeState(specs);
  return results.map(([name, result]) => {
    const [next, verdict] = afterProbe(state, specs, name, result === '+');
    state = next;
    return `${state.started ? 'started' : 'starting'} ${state.ready ? 'ready' : 'unready'} ${verdict}`;
  });
}

test('a container is ready only after startup and readiness have succeeded', () => {
  expect(
    play(probes, [
      ['startup', '-'],
      ['startup', '+'],
      ['readiness', '+'],
      ['readiness', '-'],
      ['readiness', '-'],
      ['readiness', '+'],
    ]),
  ).toEqual([
    'starting unready none',
    'started unready none',
    'started ready none',
    'started ready none',
    'started unready none',
    'started ready none',
  ]);
});

test.for<[ProbeName, readonly [ProbeName, '+' | '-'][]]>([
  [
    'startup',
    [
      ['startup', '-'],
      ['startup', '-'],
      ['startup', '-'],
    ],
  ],
  [
    'liveness',
    [
      ['startup', '+'],
      ['liveness', '-'],
      ['liveness', '+'],
      ['liveness', '-'],
      ['liveness', '-'],
    ],
  ],
])('%s failing its threshold in a row asks for a restart, and no sooner', ([, results]) => {
  const verdicts = play(probes, results).map((line) => line.split(' ')[2]);
  expect(verdicts.slice(0, -1)).not.toContain('restart');
  expect(verdicts.at(-1)).toBe('restart');
});

test('liveness and readiness wait for startup', () => {
  const before = initialProbeState(probes);
  expect(activeProbes(before, probes)).toEqual(['startup']);
  const [after] = afterProbe(before, probes, 'startup', true);
  expect(activeProbes(after, probes)).toEqual(['liveness', 'readiness']);
});

test('without probes a container is ready as soon as it runs', () => {
  expect(initialProbeState({})).toMatchObject({ started: true, ready: true });
});
