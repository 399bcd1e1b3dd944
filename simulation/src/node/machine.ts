/** A machine with one Pod of the cluster on it and the volume of that Pod: its process starts, ends by whatever happens, and starts again. */
import { AssertionError } from 'node:assert';
import { createHash } from 'node:crypto';
import type { Hash } from '@vectorcluster/storage-node/coordinator/router.ts';
import type { RetentionLimits } from '@vectorcluster/storage-node/replica/retention.ts';
import { Volume } from '../disk/volume.ts';
import { ApiServer } from '../kubernetes/api-server.ts';
import { SimulatedClient, type ApiTroubles } from '../kubernetes/simulated-client.ts';
import type { Mutation } from '../mutation.ts';
import type { Network } from '../network/network.ts';
import type { Ledger } from '../checks/ledger.ts';
import type { Chance } from '../time/chance.ts';
import { Process } from '../time/process.ts';
import type { Timeline } from '../time/timeline.ts';
import type { AnsweredWrite } from './answering-shard.ts';
import { NodeProcess, type Served } from './node-process.ts';

export interface MachineOptions {
  readonly node: string;
  readonly zone: string;
  readonly nodes: readonly string[];
  readonly clusterUid: string;
  readonly timeline: Timeline;
  readonly network: Network<Served>;
  readonly api: ApiServer;
  readonly troubles: ApiTroubles;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly hash: Hash;
  readonly mutation: Mutation;
  readonly retention: RetentionLimits;
  readonly rate: number;
  readonly onDrop: (shard: string, replicaId: string) => void;
  readonly onScrubbed: (node: string) => void;
  readonly onRefused: (what: string) => void;
  /** What must never be was met: the process ends, as it should, and the reason for it is a bug. */
  readonly onAssertion: (error: AssertionError) => void;
  readonly onAnswered: (write: AnsweredWrite) => void;
  readonly onStarted: (machine: Machine) => void;
  readonly tell: (what: string) => void;
}

export class Machine {
  readonly node: string;
  readonly zone: string;
  readonly volume: Volume;
  readonly #options: MachineOptions;
  #process: Process | undefined;
  #running: NodeProcess | undefined;
  #lives = 0;
  podUid = '';
  /** A process that ended is started again by the kubelet. */
  mayStart = true;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.node = options.node;
    this.zone = options.zone;
    this.volume = new Volume(options.chance.of('volume'), options.mutation);
  }

  get process(): Process | undefined {
    return this.#process;
  }

  get running(): NodeProcess | undefined {
    return this.#running;
  }

  /** One life of its process. */
  get incarnation(): string {
    return `${this.node}/${this.#lives}`;
  }

  start(): void {
    if (this.#process !== undefined || !this.mayStart) return;
    const { node, zone, nodes, timeline, network, api, troubles, ledger, chance, hash, mutation, retention, rate, onDrop, onRefused } =
      this.#options;
    this.#lives += 1;
    const own = chance.of(`life ${this.#lives}`);
    const process = new Process({ name: node, timeline, offsetMs: own.between(1_000, 1_000_000), rate });
    this.#process = process;
    const client = new SimulatedClient({
      api,
      process,
      worldNow: () => timeline.now,
      chance: own.of('api'),
      troubles,
      there: network.path(node, 'api'),
      back: network.path('api', node),
    });
    const starting = NodeProcess.start({
      node,
      zone,
      podUid: this.podUid,
      clusterUid: this.#options.clusterUid,
      process,
      network,
      client,
      chance: own,
      hash,
      mutation,
      nodes,
      onAnswered: this.#options.onAnswered,
      host: {
        process,
        volume: this.volume.mount(process),
        witness: ledger,
        newReplicaId: (shard) => {
          const replicaId = mutation.reusesIds === true ? idOf(node, shard) : own.hex(32);
          ledger.formatted(shard, replicaId);
          return replicaId;
        },
        onDrop,
        onSnapshotFailure: (what) => this.#options.tell(`${node}: ${what}`),
        onScrubbed: () => this.#options.onScrubbed(node),
        onFatal: (error) => this.#died(process, error),
        onRefused,
        isFull: () => this.volume.log.usedBytes > 0.9 * this.volume.log.capacityBytes,
        mutation,
        flushEveryMs: 3_000,
        retention,
        segmentBytes: 16 * 1024,
      },
    });
    void this.#await(process, starting);
  }

  async #await(process: Process, starting: Promise<NodeProcess>): Promise<void> {
    try {
      const running = await starting;
      if (this.#process !== process) return;
      this.#running = running;
      this.#options.onStarted(this);
    } catch (error) {
      this.#died(process, error);
    }
  }

  /** SIGKILL. */
  kill(restartMs: number): void {
    if (this.#process === undefined) return;
    this.#options.network.setMachine(this.node, { kind: 'refusing' });
    this.#end();
    this.volume.kill();
    this.#startLater(restartMs);
  }

  /** SIGTERM, and SIGKILL after `graceMs`, whether it has left by then or not. */
  terminate(graceMs: number, restartMs: number): void {
    const process = this.#process;
    if (process === undefined) return;
    void this.#running?.traffic.leave();
    this.#options.timeline.after(graceMs, `kill ${this.node}`, () => {
      if (this.#process === process) this.kill(restartMs);
    });
  }

  losePower(restartMs: number): void {
    if (this.#process === undefined) return;
    this.#options.network.setMachine(this.node, { kind: 'dark' });
    this.#end();
    this.volume.losePower();
    this.#startLater(restartMs);
  }

  /** The process ends by itself, as it must when it can promise nothing any more. */
  #died(process: Process, error: unknown): void {
    if (this.#process !== process || !process.isAlive) return;
    if (error instanceof AssertionError) this.#options.onAssertion(error);
    this.#options.tell(`the process on ${this.node} ended: ${error instanceof Error ? error.message : String(error)}`);
    this.kill(1_000);
  }

  #end(): void {
    this.#process?.end();
    this.#process = undefined;
    this.#running = undefined;
  }

  #startLater(ms: number): void {
    this.#options.timeline.after(ms, `start ${this.node}`, () => this.start());
  }
}

function idOf(node: string, shard: string): string {
  return createHash('sha256').update(`${node} ${shard}`).digest('hex').slice(0, 32);
}
