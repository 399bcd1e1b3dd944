/** Brings the local cluster up and down by its command, as a user would, and applies the sample. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { services } from '@vectorcluster/kube/types/core.ts';
import { vectorClusters } from '@vectorcluster/kube/types/vectorcluster.ts';
import { parse } from 'yaml';
import { z } from 'zod';

const command = fileURLToPath(import.meta.resolve('@vectorcluster/local-cluster/cli/main.ts'));
const sample = new URL('../samples/quickstart.yaml', import.meta.resolve('@vectorcluster/crds/definitions.ts'));

export const namespace = 'default';
export const clusterName = 'shop';

export async function up(stateFolder: string): Promise<KubeClient> {
  await down(stateFolder);
  const child = spawn(process.execPath, [command, '--state', stateFolder, 'up'], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Only the steps: how to go on is said at the end of the demo.
  for await (const text of child.stdout) {
    for (const each of String(text).split('\n')) if (each.startsWith('  ') && !each.includes('kube')) process.stdout.write(`${each}\n`);
  }
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error('the local cluster did not come up, for the reason above');
  return KubeClient.fromKubeconfig(await readFile(`${stateFolder}/kubeconfig`, 'utf8'));
}

/** Stops whatever runs in the folder and removes its data. */
export async function down(stateFolder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [command, '--state', stateFolder, 'down', '--delete']);
}

export async function applySample(client: KubeClient): Promise<void> {
  const object = z.looseObject({ metadata: z.looseObject({ name: z.string() }) }).parse(parse(await readFile(sample, 'utf8')));
  await client.apply<VectorCluster>(
    vectorClusters,
    { ...object, metadata: { ...object.metadata, namespace } },
    { fieldManager: 'demo', force: true },
  );
}

/** Address of the client Service. */
export async function serviceAddress(client: KubeClient): Promise<string> {
  const service = await client.get(services, clusterName, namespace);
  const address = service?.spec?.clusterIP;
  if (address === undefined) throw new Error(`Service ${clusterName} has no address`);
  return address;
}
