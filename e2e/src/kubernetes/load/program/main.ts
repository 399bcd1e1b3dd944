/**
 * Runs in a Pod: makes a collection, then writes and reads. Prints `ready` when clients have begun. Each line of input begins a phase and
 * is answered by the number of requests so far; after the end of input comes one last line, a LoadRecord.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { QdrantClient } from '@qdrant/js-client-rest';
import { collectionParameters } from '../../points.ts';
import type { LoadRecord } from '../load-record.ts';
import { read, write, type LoadedCollection } from './clients.ts';
import type { LoadPlan } from './load-plan.ts';
import { lostPoints } from './lost-points.ts';
import { Phases } from './phases.ts';

const plan: LoadPlan = JSON.parse(process.argv[2] ?? '');
const say = (line: string) => void process.stdout.write(`${line}\n`);
const stopping = new AbortController();
const phases = new Phases();
const loaded: LoadedCollection = { ...plan, phases, acknowledged: [], signal: stopping.signal };
const clientOf = (turn: number) => new QdrantClient({ url: plan.urls[turn % plan.urls.length] ?? '', checkCompatibility: false });

await clientOf(0).createCollection(plan.collection, collectionParameters);
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
const { acknowledged } = loaded;
const record: LoadRecord = {
  phases: phases.record(),
  failures: [...phases.failures],
  acknowledged: acknowledged.length,
  lost: await lostPoints(clientOf(0), plan.collection, acknowledged),
};
say(JSON.stringify(record));
