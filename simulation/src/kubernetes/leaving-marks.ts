import { objectFrom, namespace, type ApiServer } from './api-server.ts';
import { poolName } from './create-cluster.ts';

/** Nodes that the status of the pool tells to leave. */
export class LeavingMarks {
  readonly #api: ApiServer;
  nodes: readonly string[] = [];

  constructor(api: ApiServer) {
    this.#api = api;
  }

  mark(nodes: readonly string[]): void {
    this.nodes = nodes;
    const leaving = nodes.map((node) => ({ node, because: 'it was told to', copies: 0 }));
    const resource = this.#api.core.resource('vectorcluster.io/v1', 'vectorpools');
    this.#api.core.patch({ resource, namespace, name: poolName }, 'merge', objectFrom({ status: { leaving } }), {}, 'status');
  }
}
