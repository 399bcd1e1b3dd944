/** `make demo`: a cluster on this machine, real data, real questions, and a node killed while it works. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import { QdrantClient } from '@qdrant/js-client-rest';
import { applySample, down, namespace, serviceAddress, up } from './cluster.ts';
import { readDictionary, type Question } from './data.ts';
import { collection, copies, load, type LoadReport } from './load.ts';
import { Narrator } from './narrator.ts';
import { killANode, type KillReport } from './node-kill.ts';
import { ask, type Answer } from './questions.ts';
import { untilReady } from './readiness.ts';
import { faint, fitted, good, grouped, heading, latencies, line, strong } from './terminal.ts';

const stateFolder = resolve('.vectorcluster/demo');
const recallWanted = 0.95;
const answersShown = 10;
const interruptedExitCode = 130;

async function demo(): Promise<void> {
  heading('A Kubernetes-shaped cluster on this machine: 3 nodes in zones a, b, c');
  const kube = await up(stateFolder);
  await using narrator = new Narrator(kube, namespace);

  heading('kubectl apply -f crds/samples/quickstart.yaml');
  await applySample(kube);
  const ready = await untilReady(kube, stateFolder);
  narrator.flush();
  good(ready);
  const address = await serviceAddress(kube);
  const rest = new QdrantClient({ url: `http://${address}:6333`, checkCompatibility: false });
  const grpc = new GrpcClient({ host: address, port: 6334, https: false, checkCompatibility: false });

  heading('Create a collection and load 10,000 senses of words, with @qdrant/js-client-rest');
  const dictionary = await readDictionary();
  const loaded = await load(rest, dictionary, (createdMs) => {
    narrator.flush();
    good(`collection "${collection}" with 6 shards of ${copies} copies serves ${createdMs.toFixed(0)} ms after it was asked for`);
  });
  good(`${grouped(loaded.points)} points loaded, each on ${copies} disks before it was acknowledged`);

  heading('Describe a word, find it: over REST and over gRPC, some with a filter');
  const answers = await askAll(rest, grpc, dictionary.questions);
  const recall = recallOf(answers);
  good(`REST and gRPC gave the same answers to ${answers.length} questions; filters let nothing wrong through`);
  if (recall < recallWanted) throw new Error(`recall ${recall.toFixed(3)} is below ${recallWanted}`);

  heading('Kill a node that leads shards while clients write and read');
  const kill = await killANode({ kube, rest, stateFolder });
  narrator.flush();
  if (kill.missing.length > 0)
    throw new Error(`${kill.missing.length} acknowledged writes are gone: ${kill.missing.slice(0, 10).join(', ')}`);
  if (kill.failed > 0) throw new Error(`${kill.failed} requests failed although they were tried again`);
  good(`every acknowledged write is found; of ${grouped(kill.acknowledged + kill.reads)} requests ${told(kill.failedOnce)}`);

  heading('In figures');
  summary(loaded, answers, kill);
}

async function askAll(rest: QdrantClient, grpc: GrpcClient, questions: readonly Question[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) answers.push(await ask(rest, grpc, question));
  answers.slice(0, answersShown).forEach(tell);
  line(faint(`… and ${answers.length - answersShown} more`));
  return answers;
}

function tell({ question, hits, rank }: Answer): void {
  const best = hits[0];
  const filter = question.pos === undefined ? '' : faint(` (${question.pos}s only)`);
  const found = `${(best?.word ?? 'nothing').padEnd(12)} ${best?.score.toFixed(2) ?? ''}`;
  const where =
    rank === 1 ? '' : rank === undefined ? `${question.answer} is not among the first ten; ` : `${question.answer} is number ${rank}; `;
  line(`${question.question}${filter}`);
  line(`  → ${strong(found)}  ${faint(fitted(`${where}${best?.definition ?? ''}`, 27))}`);
}

const recallOf = (answers: readonly Answer[]): number => answers.reduce((sum, answer) => sum + answer.recall, 0) / answers.length;

function summary(loaded: LoadReport, answers: readonly Answer[], kill: KillReport): void {
  const seconds = loaded.loadedMs / 1000;
  const hoped = answers.filter((answer) => answer.rank !== undefined).length;
  const rows = [
    ['load', `${grouped(loaded.points / seconds)} points/s: ${grouped(loaded.points)} points in ${seconds.toFixed(1)} s`],
    ['recall@10', `${recallOf(answers).toFixed(3)} of exact search; ${hoped} of ${answers.length} hoped-for words among the first ten`],
    [
      'latency',
      `REST ${latencies(answers.map((answer) => answer.restMs))}; gRPC ${latencies(answers.map((answer) => answer.grpcMs))}; one question at a time`,
    ],
    [
      'kill -9',
      `writes paused ${kill.writePauseMs.toFixed(0)} ms, searches ${kill.readPauseMs.toFixed(0)} ms; ${grouped(kill.acknowledged)} acknowledged = ${grouped(kill.acknowledged)} found`,
    ],
  ] as const;
  for (const [name, figures] of rows) good(`${strong(name.padEnd(10))} ${figures}`);
}

function told(failedOnce: number): string {
  return failedOnce === 0 ? 'none failed' : `${failedOnce} failed once, when their connection was lost, and none when tried again`;
}

function howToGoOn(): void {
  line();
  line(`${'make up'.padEnd(44)} ${faint('the same cluster, to stay')}`);
  line('export KUBECONFIG=$PWD/.vectorcluster/kubeconfig');
  line(`${'kubectl get vc,vpool,vcol,vshard,pods'.padEnd(44)} ${faint('docs/local-cluster.md walks through it')}`);
  line(`${'make down'.padEnd(44)} ${faint('stops it; its data stays')}`);
}

process.once('SIGINT', () => {
  process.stdout.write('\nStopping the cluster …\n');
  void down(stateFolder).finally(() => process.exit(interruptedExitCode));
});

const startedMs = performance.now();
try {
  await demo();
  await down(stateFolder);
  const seconds = (performance.now() - startedMs) / 1000;
  line();
  line(`Done in ${seconds.toFixed(0)} s on ${availableParallelism()} cores. The demo's cluster is stopped and removed.`);
  howToGoOn();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write(`Logs: ${stateFolder}/daemon.log and ${stateFolder}/logs. The cluster is left as it is, for a look; stop it with\n`);
  process.stderr.write(`  node local-cluster/src/cli/main.ts --state ${stateFolder} down --delete\n`);
  process.exitCode = 1;
}
