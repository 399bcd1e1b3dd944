/** Runs a container's probes on their periods and keeps the verdict; httpGet and tcpSocket, as storage nodes and operators use them. */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Container, Probe } from '@vectorcluster/kube/types/core.ts';
import { delay } from './delay.ts';
import { activeProbes, afterProbe, initialProbeState, type ProbeName, type ProbeSpecs, type ProbeState } from './probe-state.ts';

export interface ProbeRunnerOptions {
  readonly container: Container;
  readonly host: string;
  readonly signal: AbortSignal;
  onChange(state: ProbeState): void;
  onRestart(because: string): void;
}

export class ProbeRunner {
  readonly #options: ProbeRunnerOptions;
  readonly #specs: ProbeSpecs;
  #state: ProbeState;

  constructor(options: ProbeRunnerOptions) {
    this.#options = options;
    const { startupProbe, livenessProbe, readinessProbe } = options.container;
    this.#specs = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe };
    this.#state = initialProbeState(this.#specs);
  }

  get state(): ProbeState {
    return this.#state;
  }

  start(): void {
    for (const name of ['startup', 'liveness', 'readiness'] as const) {
      const probe = this.#specs[name];
      if (probe) void this.#loop(name, probe);
    }
  }

  async #loop(name: ProbeName, probe: Probe): Promise<void> {
    const { signal } = this.#options;
    await delay((probe.initialDelaySeconds ?? 0) * 1000, signal);
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    // Thresholds are in periods: of the attempts made faster than that while starting, only one failure a period counts.
    let countedFailureMs = performance.now();
    while (!signal.aborted) {
      if (activeProbes(this.#state, this.#specs).includes(name)) {
        const failure = await this.#attempt(probe);
        if (signal.aborted) return;
        if (failure === undefined || performance.now() - countedFailureMs >= periodMs) {
          if (failure !== undefined) countedFailureMs = performance.now();
          this.#note(name, failure);
        }
      }
      const fast = name !== 'liveness' && !this.#state.ready;
      await delay(fast ? Math.min(periodMs, startingPeriodMs) : periodMs, signal);
    }
  }

  #note(name: ProbeName, failure: string | undefined): void {
    const before = this.#state;
    const [after, verdict] = afterProbe(before, this.#specs, name, failure === undefined);
    this.#state = after;
    if (after.started !== before.started || after.ready !== before.ready) this.#options.onChange(after);
    if (verdict === 'restart') this.#options.onRestart(`${name} probe failed: ${failure ?? 'unknown'}`);
  }

  #attempt(probe: Probe): Promise<string | undefined> {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    if (probe.httpGet) return httpGet(this.#options.host, this.#portNumber(probe.httpGet.port), probe.httpGet.path ?? '/', timeoutMs);
    if (probe.tcpSocket) return tcpSocket(this.#options.host, this.#portNumber(probe.tcpSocket.port), timeoutMs);
    return Promise.resolve('only httpGet and tcpSocket probes are known to a local cluster');
  }

  #portNumber(port: number | string | object): number {
    if (typeof port === 'number') return port;
    return this.#options.container.ports?.find((each) => each.name === port)?.containerPort ?? Number(port);
  }
}

/** A container that is not ready yet is asked this often, so that a period of a second does not become a second of waiting. */
const startingPeriodMs = 50;

function httpGet(host: string, port: number, path: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const attempt = request({ host, port, path, timeout: timeoutMs, agent: false }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`);
    });
    attempt.on('timeout', () => attempt.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    attempt.on('error', (error) => resolve(error.message));
    attempt.end();
  });
}

function tcpSocket(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (failure: string | undefined) => {
      socket.destroy();
      resolve(failure);
    };
    socket.on('connect', () => end(undefined));
    socket.on('timeout', () => end(`no connection within ${timeoutMs} ms`));
    socket.on('error', (error) => end(error.message));
  });
}
