/** Links between nodes, as Prometheus metrics. The delay of the event loop is among the default ones (nodejs_eventloop_lag_*). */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CloseReason } from './link-error.ts';

export interface LinkSight {
  readonly node: string;
  readonly connected: boolean;
  readonly queuedBytes: number;
  readonly unhandledBytes: number;
}

export interface LinkMetrics {
  connected(): void;
  /** An open connection ended. */
  disconnected(reason: CloseReason): void;
  /** A stream ended before it was open. */
  refused(reason: CloseReason): void;
  heartbeatEchoed(roundTripMs: number): void;
  bytesSent(bytes: number): void;
  bytesReceived(bytes: number): void;
  messagesSent(messages: number): void;
  messageReceived(): void;
  /** Asked at every scrape. */
  linksAre(links: () => Iterable<LinkSight>): void;
}

export function createLinkMetrics(registry: Registry): LinkMetrics {
  const registers = [registry];
  const connects = new Counter({
    name: 'vectorcluster_link_connections_total',
    help: 'Connections to other nodes that opened.',
    registers,
  });
  const disconnects = new Counter({
    name: 'vectorcluster_link_disconnections_total',
    help: 'Connections to other nodes that ended, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const refusals = new Counter({
    name: 'vectorcluster_link_refused_total',
    help: 'Streams between nodes that ended before they opened, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const roundTrip = new Histogram({
    name: 'vectorcluster_link_heartbeat_round_trip_seconds',
    help: 'From a heartbeat to its echo.',
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const bytes = new Counter({
    name: 'vectorcluster_link_bytes_total',
    help: 'Bytes of frames between nodes.',
    labelNames: ['direction'],
    registers,
  });
  const messages = new Counter({
    name: 'vectorcluster_link_messages_total',
    help: 'Messages of the replication protocol between nodes.',
    labelNames: ['direction'],
    registers,
  });
  return {
    connected: () => connects.inc(),
    disconnected: (reason) => disconnects.inc({ reason }),
    refused: (reason) => refusals.inc({ reason }),
    heartbeatEchoed: (roundTripMs) => roundTrip.observe(roundTripMs / 1000),
    bytesSent: (sent) => bytes.inc({ direction: 'sent' }, sent),
    bytesReceived: (received) => bytes.inc({ direction: 'received' }, received),
    messagesSent: (sent) => messages.inc({ direction: 'sent' }, sent),
    messageReceived: () => messages.inc({ direction: 'received' }),
    linksAre: (links) => registerGauges(registry, links),
  };
}

function registerGauges(registry: Registry, links: () => Iterable<LinkSight>): void {
  const gauges = [
    ['vectorcluster_link_connected', '1 while there is a connection to that node.', (link) => Number(link.connected)],
    ['vectorcluster_link_queued_bytes', 'Messages that wait to be sent to that node.', (link) => link.queuedBytes],
    ['vectorcluster_link_unhandled_bytes', 'Messages of that node whose handling is not finished.', (link) => link.unhandledBytes],
  ] as const satisfies readonly (readonly [string, string, (link: LinkSight) => number])[];
  for (const [name, help, valueOf] of gauges) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['node'],
      registers: [registry],
      collect: () => {
        gauge.reset();
        for (const link of links()) gauge.set({ node: link.node }, valueOf(link));
      },
    });
  }
}
