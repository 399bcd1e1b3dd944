/** Who can reach whom. Places are nodes by name, `api` and `operator`; every direction between two of them is a path of its own. */
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import type { Timeline } from '../time/timeline.ts';
import { Path } from './path.ts';

/** What another node finds when it knocks at a node. */
export interface Doorkeeper<Served> {
  readonly process: Process;
  readonly served: Served;
}

export type Machine<Served> =
  | { readonly kind: 'running'; readonly door: Doorkeeper<Served> }
  /** The machine is there and no process listens: who knocks is told so at once. */
  | { readonly kind: 'refusing' }
  /** No power: nobody answers. */
  | { readonly kind: 'dark' };

export class Network<Served> {
  readonly timeline: Timeline;
  readonly #chance: Chance;
  readonly #paths = new Map<string, Path>();
  readonly #machines = new Map<string, Machine<Served>>();
  readonly #usualMs: number;

  constructor(timeline: Timeline, chance: Chance, usualMs: number) {
    this.timeline = timeline;
    this.#chance = chance;
    this.#usualMs = usualMs;
  }

  path(from: string, to: string): Path {
    const name = `${from}>${to}`;
    let path = this.#paths.get(name);
    if (path === undefined) {
      path = new Path(this.#chance.of(name), this.#usualMs * this.#chance.between(0.5, 1.5));
      this.#paths.set(name, path);
    }
    return path;
  }

  get paths(): Iterable<Path> {
    return this.#paths.values();
  }

  machine(node: string): Machine<Served> {
    return this.#machines.get(node) ?? { kind: 'dark' };
  }

  setMachine(node: string, machine: Machine<Served>): void {
    this.#machines.set(node, machine);
  }
}
