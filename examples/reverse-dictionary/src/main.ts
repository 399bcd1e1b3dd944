/** `make demo`: a cluster on this machine, real data, real questions, and a node killed while it works. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { QdrantClient as GrpcClient } from '@qdrant/js-client-grpc';
import { QdrantClient } from '@qdrant/js-client-rest';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { applySample, clusterName, down, namespace, serviceAddress, up } from './cluster.ts';
import { readDictionary } from './data.ts';
import { collection, load } from './load.ts';
import { Narrator } from './narrator.ts';
import { killANode } from './node-kill.ts';
import { ask, type Answer } from './questions.ts';
import { faint, good, heading, latencies, line } from './terminal.ts';

const stateFolder = '.vectorcluster/demo';
const readyWithinMs = 90_000;
const recallWanted = 0.95;

async function demo(): Promise<void> {
  heading('A Kubernetes-shaped cluster on this machine: 3 nodes in zones a, b, c');
  const kube = await up(stateFolder);
  await using _narrator = new Narrator(kube, namespace);

  heading('kubectl apply -f crds/samples/quickstart.yaml');
  await applySample(kube);
  good(await untilReady(kube));
  const address = await serviceAddress(kube);
  const rest = new QdrantClient({ url: `http://${address}:6333`, checkCompatibility: false });
  const grpc = new GrpcClient({ host: address, port: 6334, https: false, checkCompatibility: false });

  heading('Create a collection and load 10,000 senses of words, with @qdrant/js-client-rest');
  const dictionary = await readDictionary();
  const loaded = await load(rest, dictionary);
  good(`collection "${collection}" with 6 shards served after ${loaded.createdMs.toFixed(0)} ms`);
  good(`${loaded.points} points, each durable when acknowledged, in ${(loaded.loadedMs / 1000).toFixed(1)} s`);

  heading('Describe a word, find it: over REST and over gRPC, some with a filter');
  const answers: Answer[] = [];
  for (const question of dictionary.questions) answers.push(await ask(rest, grpc, question));
  answers.slice(0, 12).forEach(tell);
  line(faint(`… ${answers.length - 12} more`));
  const recall = answers.reduce((sum, answer) => sum + answer.recall, 0) / answers.length;
  good(
    `recall@10 against exact search ${recall.toFixed(3)}; the hoped-for word is among the first ten for ${answers.filter((answer) => answer.rank).length} of ${answers.length}`,
  );
  good(`REST ${latencies(answers.map((answer) => answer.restMs))}`);
  good(`gRPC ${latencies(answers.map((answer) => answer.grpcMs))}`);
  if (recall < recallWanted) throw new Error(`recall ${recall.toFixed(3)} is below ${recallWanted}`);

  heading('Kill a storage node while writes go on');
  const kill = await killANode({ kube, rest, stateFolder });
  if (kill.missing.length > 0)
    throw new Error(`${kill.missing.length} acknowledged writes are gone: ${kill.missing.slice(0, 10).join(', ')}`);
  good(
    `${kill.acknowledged} writes acknowledged, ${kill.acknowledged} found; ${kill.failed} failed; longest pause ${kill.pauseMs.toFixed(0)} ms`,
  );

  heading('What you can do now');
  line('make up                                     the same cluster, to stay');
  line('export KUBECONFIG=$PWD/.vectorcluster/kubeconfig');
  line('kubectl get vc,vpool,vcol,vshard,pods       docs/local-cluster.md walks through it');
  line('make down                                   stop it; --delete removes its data');
}

function tell({ question, hits, rank }: Answer): void {
  const best = hits[0];
  const where = rank === undefined ? faint('not among ten') : rank === 1 ? '' : faint(`${question.answer} is number ${rank}`);
  const filter = question.pos === undefined ? '' : faint(` [${question.pos}s only]`);
  line(`${question.question}${filter}`);
  line(`    → ${best?.word ?? '?'} (${best?.score.toFixed(2) ?? '?'}): ${best?.definition ?? ''} ${where}`);
}

async function untilReady(kube: KubeClient): Promise<string> {
  const giveUpMs = performance.now() + readyWithinMs;
  for (;;) {
    const conditions = (await kube.get(vectorClusters, clusterName, namespace))?.status?.conditions ?? [];
    const ready = conditions.find((condition) => condition.type === 'Ready');
    if (ready?.status === 'True') return `VectorCluster ${clusterName} is Ready: ${ready.message}`;
    if (performance.now() > giveUpMs) {
      const told = conditions.map((condition) => `${condition.type}=${condition.status}: ${condition.message}`).join('; ');
      throw new Error(
        `VectorCluster ${clusterName} is not Ready after ${readyWithinMs / 1000} s: ${told || 'the operator has said nothing'}`,
      );
    }
    await sleep(100);
  }
}

const startedMs = performance.now();
try {
  await demo();
  await down(stateFolder);
  line();
  good(
    `done in ${((performance.now() - startedMs) / 1000).toFixed(0)} s on ${availableParallelism()} cores; the demo's cluster is stopped and removed`,
  );
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write(`Logs: ${stateFolder}/daemon.log and ${stateFolder}/logs/. The cluster is still up for a look; stop it with\n`);
  process.stderr.write(`  node local-cluster/src/cli/main.ts --state ${stateFolder} down --delete\n`);
  process.exitCode = 1;
}
