/** A whole cluster in one process: machines, an API server, operators, clients, and everything that is checked while they live. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { decodeObject } from '@vectorcluster/kube/decode.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { hashedBytes, type Hash } from '@vectorcluster/storage-node/coordinator/router.ts';
import type { LocalReplica } from '@vectorcluster/storage-node/shard/local-replica.ts';
import type { Change } from '@vectorcluster/local-cluster/api-server/core/store/store.ts';
import { brokenByAnswer } from './checks/answer-laws.ts';
import { areEven, compareCopies } from './checks/compare-copies.ts';
import { Ledger } from './checks/ledger.ts';
import { checkObject } from './checks/object-laws.ts';
import { withNodes, wordsOfChange, wordsOfShard } from './checks/words-of-shard.ts';
import { ReplicaLaws } from './checks/replica-laws.ts';
import { Violation } from './checks/violation.ts';
import { isLeftToAPerson, isWhole } from './checks/wholeness.ts';
import { Client, type ClientWorld, type Counts } from './clients/client.ts';
import { ApiServer } from './kubernetes/api-server.ts';
import { drawHabits } from './clients/habits.ts';
import { HiddenDamage } from './faults/hidden-damage.ts';
import { createCluster } from './kubernetes/create-cluster.ts';
import { Kubelets } from './kubernetes/kubelets.ts';
import { LeavingMarks } from './kubernetes/leaving-marks.ts';
import type { ApiTroubles } from './kubernetes/simulated-client.ts';
import type { Mutation } from './mutation.ts';
import { Network } from './network/network.ts';
import { Machine } from './node/machine.ts';
import type { AnsweredWrite } from './node/answering-shard.ts';
import type { Served } from './node/node-process.ts';
import { Operators } from './operator/operators.ts';
import { drawSizes } from './sizes.ts';
import { Chance } from './time/chance.ts';
import { Timeline } from './time/timeline.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly hash: Hash;
  readonly mutation: Mutation;
}

export class World {
  readonly chance: Chance;
  readonly timeline: Timeline;
  readonly network: Network<Served>;
  readonly api: ApiServer;
  readonly machines: readonly Machine[];
  readonly clients: readonly Client[];
  readonly counts: Counts = { written: 0, unanswered: 0, read: 0, refused: 0 };
  readonly ledger = new Ledger();
  readonly story: string[] = [];
  readonly troubles: ApiTroubles = { lostRequests: 0, lostReplies: 0, lateRequests: 0, staleMs: 0 };
  readonly shards: number;
  readonly copies: number;
  readonly kubelets: Kubelets;
  readonly leaving: LeavingMarks;
  readonly operators: Operators;
  readonly #laws: ReplicaLaws;
  readonly #changed = new Map<LocalReplica, Machine>();
  readonly #objects = new Map<string, VectorShard>();
  readonly #shardListeners = new Set<(changed: VectorShard) => void>();
  harm: Violation | undefined;
  readonly hiddenDamage = new HiddenDamage();

  constructor({ seed, hash, mutation }: WorldOptions) {
    const chance = new Chance(seed);
    this.chance = chance;
    this.ledger.onViolation = (error) => this.fail(error);
    const sizes = drawSizes(chance.of('sizes'));
    const { nodes, rates, retention } = sizes;
    this.copies = sizes.copies;
    this.shards = sizes.shards;
    this.timeline = new Timeline(() => this.#look());
    this.network = new Network(this.timeline, chance.of('network'), sizes.networkMs);
    this.#laws = new ReplicaLaws(this.ledger, (shard) => this.#objects.get(shard));
    this.api = new ApiServer({ timeline: this.timeline, chance: chance.of('api'), onChange: (change) => this.#stored(change) });
    const clusterUid = createCluster(this.api, sizes);
    this.kubelets = new Kubelets(this.api);
    this.leaving = new LeavingMarks(this.api);
    this.machines = nodes.map(
      (node, index) =>
        new Machine({
          node,
          zone: `zone-${'abc'[index % 3] ?? ''}`,
          nodes,
          timeline: this.timeline,
          network: this.network,
          api: this.api,
          troubles: this.troubles,
          ledger: this.ledger,
          chance: chance.of(node),
          hash,
          mutation,
          clusterUid,
          retention,
          rate: rates[index] ?? 1,
          onDrop: (shard, replicaId) => this.#dropping(shard, replicaId),
          onScrubbed: (scrubbed) => this.hiddenDamage.scrubbed(scrubbed),
          onRefused: (what) => this.fail(new Violation('well-formed', `a message was refused: ${what}`)),
          onAssertion: ({ message, stack = '' }) => this.fail(new Violation('assertion', `${message} ${stack}`)),
          onAnswered: (write) => this.#answered(write),
          onStarted: (machine) => this.#started(machine),
          tell: (what) => this.tell(what),
        }),
    );
    for (const machine of this.machines) {
      this.kubelets.addNode(machine);
      machine.start();
    }
    const { api, network, troubles } = this;
    this.operators = new Operators({ api, network, troubles, mutation, chance, onFailure: (error) => this.fail(error) });
    this.operators.start();
    const keys = Array.from({ length: sizes.keys }, (_, index) => BigInt(index + 1));
    const shardOf = new Map<bigint, string>();
    const clientWorld: ClientWorld = {
      now: () => this.timeline.now,
      after: (ms, name, act) => this.timeline.after(ms, name, act),
      doors: () =>
        this.machines.flatMap(({ node, running }) =>
          running === undefined ? [] : [{ node, process: running.process, database: running.database }],
        ),
      shardOf: (key) => {
        const known = shardOf.get(key);
        if (known !== undefined) return known;
        const at = hash(hashedBytes(key)).toString(16).padStart(16, '0');
        const owner = [...this.#objects.values()].find(({ spec }) => spec.hashRange.first <= at && at <= spec.hashRange.last)?.metadata.uid;
        if (owner !== undefined) shardOf.set(key, owner);
        return owner;
      },
      history: (shard) => this.ledger.history(shard),
      slowestRate: Math.min(...rates),
      fail: (error) => this.fail(error),
      catchUp: () => this.#look(),
    };
    this.clients = drawHabits(chance.of('habits')).map(
      (habits, index) =>
        new Client({
          name: `client-${index}`,
          world: clientWorld,
          chance: chance.of(`client ${index}`),
          keys,
          habits,
          home: nodes[index % nodes.length] ?? '',
          counts: this.counts,
        }),
    );
  }

  /** Nodes that lead a shard, as the objects say. */
  get leaders(): ReadonlySet<string> {
    const nodes = this.objects.map(({ status }) => status?.members?.find(({ replicaId }) => replicaId === status.primary)?.node);
    return new Set(nodes.filter((node) => node !== undefined));
  }

  /** Calls back when an epoch or an in-sync set has changed. Call the result to end it. */
  onShardChange(listener: (changed: VectorShard) => void): () => void {
    this.#shardListeners.add(listener);
    return () => void this.#shardListeners.delete(listener);
  }

  get objects(): readonly VectorShard[] {
    return [...this.#objects.values()];
  }

  /** What the node holds is damaged somewhere. */
  rotten(node: string): void {
    this.hiddenDamage.hide(node);
    const machine = this.machines.find((each) => each.node === node);
    for (const { replicaId } of machine?.volume.replicas.values() ?? []) this.ledger.damaged.add(replicaId);
  }

  /** Every shard is led, all its copies are in sync, and its primary serves. */
  get isWhole(): boolean {
    if (this.#objects.size < this.shards) return false;
    return this.objects.every((object) => isWhole(object, this.machines, this.copies));
  }

  /** Whole, apart from what only a person can decide. */
  get isRecovered(): boolean {
    return this.#objects.size >= this.shards && this.#ailing.length === 0;
  }

  get #ailing(): readonly VectorShard[] {
    return this.objects.filter((object) => !isWhole(object, this.machines, this.copies) && !isLeftToAPerson(object, this.ledger));
  }

  whyNotRecovered(): string {
    return this.#ailing.map((object) => wordsOfShard(object, this.machines)).join('; ');
  }

  /** Nothing is wrong any more. */
  heal(): void {
    this.tell('all troubles end');
    Object.assign(this.troubles, { lostRequests: 0, lostReplies: 0, lateRequests: 0, staleMs: 0 });
    this.api.comeUp();
    for (const path of this.network.paths) path.heal();
    this.api.ambush = undefined;
    this.#shardListeners.clear();
    this.operators.heal();
    this.leaving.mark([]);
    for (const { volume } of this.machines) {
      volume.syncMs = 1;
      volume.log.capacityBytes = Infinity;
    }
    for (const { process } of this.machines) if (process?.isStopped === true) process.goOn();
  }

  /** Copies that are compared have come to the same entry. */
  get areCopiesEven(): boolean {
    return [...this.#objects].every(([shard, object]) => isLeftToAPerson(object, this.ledger) || areEven(shard, this.machines));
  }

  /** To be called when nothing happens any more. */
  async compareReplicas(): Promise<void> {
    if (this.harm !== undefined) return;
    try {
      for (const [shard, object] of this.#objects) {
        if (!isLeftToAPerson(object, this.ledger)) await compareCopies(shard, this.machines, this.ledger);
      }
    } catch (error) {
      this.fail(error);
    }
  }

  tell(what: string): void {
    this.story.push(`${(this.timeline.now / 1000).toFixed(3).padStart(9)} s  ${withNodes(what, this.objects)}`);
  }

  fail(error: unknown): void {
    if (this.harm !== undefined) return;
    this.harm =
      error instanceof Violation ? error : new Violation('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
    this.tell(this.harm.message);
  }

  /** At the moment a primary gives its word. */
  #answered(write: AnsweredWrite): void {
    if (this.harm !== undefined) return;
    const broken = brokenByAnswer(write, this.#objects.get(write.shard)?.status, this.ledger);
    if (broken !== undefined) return this.fail(broken);
    this.ledger.history(write.shard).acknowledged(write.position, this.timeline.now);
  }

  #started(machine: Machine): void {
    const { running } = machine;
    running?.replicas.onReplicaChange((replicaId) => {
      const replica = running.replicas.byId(replicaId);
      if (replica !== undefined && 'runner' in replica) this.#changed.set(replica, machine);
    });
  }

  #look(): void {
    if (this.harm !== undefined) return;
    try {
      for (const [replica, machine] of this.#changed) this.#laws.check(replica, machine.incarnation);
    } catch (error) {
      this.fail(error);
    }
    this.#changed.clear();
  }

  #stored({ storage, object, previous }: Change): void {
    if (!storage.endsWith('/vectorshards')) return;
    const before = previous && decodeObject<VectorShard>(vectorShards, previous);
    if (object === undefined) return void this.#objects.delete(before?.metadata.uid ?? '');
    const after = decodeObject<VectorShard>(vectorShards, object);
    this.#objects.set(after.metadata.uid ?? '', after);
    const change = wordsOfChange(before, after);
    if (change !== undefined) {
      this.tell(`${change} (by ${this.api.writer})`);
      for (const tell of this.#shardListeners) tell(after);
    }
    try {
      checkObject({ before, after, writer: this.api.writer }, this.ledger);
    } catch (error) {
      this.fail(error);
    }
  }

  #dropping(shard: string, replicaId: string): void {
    const object = this.#objects.get(shard);
    if (object?.status?.inSync?.includes(replicaId) === true) this.fail(new Violation('I23', `${replicaId} is dropped, and in sync`));
    this.ledger.lost(replicaId);
  }
}
