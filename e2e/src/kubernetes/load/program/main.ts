/**
 * Runs in a Pod: makes a collection, then writes and reads. Prints `ready` when clients have begun. Each line of input begins a phase and
 * is answered by the number of requests so far; after the end of input comes one last line, a LoadRecord.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import { QdrantClient } from '@qdrant/js-client-rest';
import { collectionParameters } from '../../points.ts';
import type { LoadRecord } from '../load-record.ts';
import { read, write, type LoadedCollection } from './clients.ts';
import { overGrpc } from './grpc-client.ts';
import type { LoadPlan } from './load-plan.ts';
import { lostPoints } from './lost-points.ts';
import { Phases } from './phases.ts';
import { overRest } from './rest-client.ts';

const plan: LoadPlan = JSON.parse(process.argv[2] ?? '');
const { collection } = plan;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const stopping = new AbortController();
const phases = new Phases();
const acknowledged: number[] = [];
const loaded: LoadedCollection = { pauseMs: plan.pauseMs, phases, acknowledged, signal: stopping.signal };
const hostOf = (turn: number) => plan.hosts[turn % plan.hosts.length] ?? '';
const restClient = (turn: number) => new QdrantClient({ host: hostOf(turn), port: 6333, checkCompatibility: false });
const grpcClient = (turn: number) => new GrpcClient({ host: hostOf(turn), port: 6334, https: false, checkCompatibility: false });
/** Half of the clients speak gRPC, to each host. */
const clientOf = (turn: number) => {
  const isGrpc = Math.floor(turn / plan.hosts.length) % 2 === 1;
  return isGrpc ? overGrpc(grpcClient(turn), collection) : overRest(restClient(turn), collection);
};

await restClient(0).createCollection(collection, collectionParameters);
phases.begin('start');
const input = createInterface({ input: process.stdin });
input.on('line', (name) => {
  phases.begin(name);
  say(String(phases.requests));
});
const ended = once(input, 'close');
const clients = [
  ...Array.from({ length: plan.writers }, (_, index) => write(clientOf(index), loaded, index, plan.writers)),
  ...Array.from({ length: plan.readers }, (_, index) => read(clientOf(index), loaded, index)),
];
say('ready');
await ended;
phases.end();
stopping.abort();
await Promise.all(clients);
const record: LoadRecord = {
  phases: phases.record(),
  failures: [...phases.failures],
  acknowledged: acknowledged.length,
  lost: await lostPoints(restClient(0), collection, acknowledged),
};
say(JSON.stringify(record));
// Connections to the nodes are kept alive for later requests, of which there are none.
process.exit();
