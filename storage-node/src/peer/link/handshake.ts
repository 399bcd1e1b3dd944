/** Who may be at the other end of a stream. Pure: what each side says first, and why it is refused. */
import type { ClusterIdentity } from '../cluster-identity.ts';
import { LinkError } from './link-error.ts';
import { protocolVersion } from './link-limits.ts';

/** Of objects in Kubernetes; refusals repeat names in logs and in gRPC headers. */
const maxNameLength = 253;

export interface Greeting {
  readonly version: number;
  readonly namespace: string;
  readonly cluster: string;
  readonly node: string;
  readonly podUid: string;
  readonly to: string;
}

export interface Self {
  readonly identity: ClusterIdentity;
  readonly node: string;
  readonly podUid: string;
}

export function greetingTo(to: string, { identity: { namespace, cluster }, node, podUid }: Self): Greeting {
  return { version: protocolVersion, namespace, cluster, node, podUid, to };
}

/** One of two nodes dials, and both know which. */
export function dials(node: string, other: string): boolean {
  return node < other;
}

/** Throws LinkError. `dialed` is the node whose address was called; undefined for a stream that came to us. */
export function checkGreeting(greeting: Greeting, self: Self, dialed: string | undefined): void {
  const { version, namespace, cluster, node, podUid, to } = greeting;
  // First, since a later version may mean something else by the rest.
  if (version !== protocolVersion) {
    throw new LinkError('unknown version', `the other side speaks version ${version} of the link protocol, this one ${protocolVersion}`);
  }
  const texts = [namespace, cluster, node, podUid, to];
  if (texts.some(({ length }) => length > maxNameLength))
    throw new LinkError('bad frame', `a name of more than ${maxNameLength} characters`);
  if (namespace !== self.identity.namespace || cluster !== self.identity.cluster) {
    const own = `${self.identity.namespace}/${self.identity.cluster}`;
    throw new LinkError('foreign cluster', `this node belongs to cluster ${own}, the other side to ${namespace}/${cluster}`);
  }
  if (to !== self.node) throw new LinkError('wrong node', `this is node ${self.node}, the other side means ${to}`);
  if (dialed !== undefined && node !== dialed) throw new LinkError('wrong node', `node ${node} answers at the address of ${dialed}`);
  if (dialed === undefined && !dials(node, self.node)) throw new LinkError('wrong node', `node ${node} does not dial ${self.node}`);
}
