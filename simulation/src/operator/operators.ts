/** The operators that there are: mostly one, sometimes none or two. */
import type { ApiServer } from '../kubernetes/api-server.ts';
import { SimulatedClient, type ApiTroubles } from '../kubernetes/simulated-client.ts';
import type { Mutation } from '../mutation.ts';
import type { Network } from '../network/network.ts';
import type { Chance } from '../time/chance.ts';
import { Process } from '../time/process.ts';
import { startOperator } from './operator-process.ts';
import type { HasReporter } from './simulated-sights.ts';

export interface OperatorsOptions {
  readonly api: ApiServer;
  readonly network: Network<HasReporter>;
  readonly troubles: ApiTroubles;
  readonly mutation: Mutation;
  readonly chance: Chance;
  readonly onFailure: (error: unknown) => void;
}

const place = 'operator';

export class Operators {
  readonly #options: OperatorsOptions;
  readonly #running = new Map<string, Process>();
  #lives = 0;

  constructor(options: OperatorsOptions) {
    this.#options = options;
  }

  get running(): ReadonlyMap<string, Process> {
    return this.#running;
  }

  start(): void {
    const { api, network, troubles, mutation, onFailure } = this.#options;
    const { timeline } = network;
    this.#lives += 1;
    const name = `operator-${this.#lives}`;
    const chance = this.#options.chance.of(name);
    const process = new Process({ name, timeline, offsetMs: 0, rate: chance.pick([1, 0.9, 1.1]) });
    this.#running.set(name, process);
    const worldNow = () => timeline.now;
    const ways = { there: network.path(place, 'api'), back: network.path('api', place) };
    const client = new SimulatedClient({ api, process, worldNow, chance, troubles, mutation, ...ways });
    startOperator({ place, process, network, chance, client, worldNow }).catch((error: unknown) => {
      if (process.isAlive) onFailure(error);
    });
  }

  end(name: string): void {
    this.#running.get(name)?.end();
    this.#running.delete(name);
  }

  heal(): void {
    for (const process of this.#running.values()) process.goOn();
    if (this.#running.size === 0) this.start();
  }
}
