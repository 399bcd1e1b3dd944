/** Which Kubernetes the scenarios run on: the one of KUBECONFIG, or a kind cluster made for them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, kubectl, run } from './kubectl.ts';
import { machinesBy, type Machines } from './machines.ts';

export interface Target extends AsyncDisposable {
  readonly words: string;
  /** Gives an archive to every node; absent where the images have to be there already. */
  readonly loadImage?: (archive: string) => Promise<void>;
  readonly machines?: Machines;
}

/** Each is a field of the target that may be absent. */
export type Ability = 'loadImage' | 'machines';

const kindName = 'vectorcluster-e2e';
const zones = ['a', 'b', 'c'];

/**
 * With KUBECONFIG, LOAD_IMAGE is the command that gives an archive to the nodes, which is its last argument, and MACHINES the command that
 * switches them off and on (`machines.ts`).
 */
export async function findTarget(env: NodeJS.ProcessEnv): Promise<Target> {
  if (env['KUBECONFIG'] !== undefined) return await ofKubeconfig(env['LOAD_IMAGE'], env['MACHINES']);
  try {
    await run('docker', ['info']);
    await run('kind', ['version']);
  } catch (error) {
    throw new CommandError('no Kubernetes to run on: set KUBECONFIG, or install Docker and kind', { cause: error });
  }
  return await newKindCluster(env);
}

async function ofKubeconfig(loadCommand: string | undefined, machinesCommand: string | undefined): Promise<Target> {
  const version: { readonly serverVersion: { readonly gitVersion: string } } = JSON.parse(await kubectl('version', '--output=json'));
  return {
    words: `Kubernetes ${version.serverVersion.gitVersion} of KUBECONFIG`,
    ...(loadCommand !== undefined && { loadImage: loadImageBy(loadCommand.split(' ')) }),
    ...(machinesCommand !== undefined && { machines: machinesBy(machinesCommand.split(' ')) }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function loadImageBy([program = '', ...args]: readonly string[]): (archive: string) => Promise<void> {
  return async (archive) => void (await run(program, [...args, archive]));
}

async function newKindCluster(env: NodeJS.ProcessEnv): Promise<Target> {
  const workers = zones.map((zone) => ({ role: 'worker', labels: { 'topology.kubernetes.io/zone': zone } }));
  const config = { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', nodes: [{ role: 'control-plane' }, ...workers] };
  const folder = await mkdtemp(join(tmpdir(), 'vectorcluster-kind-'));
  // What kubectl and helm read from here on; the user's own file stays as it is.
  env['KUBECONFIG'] = join(folder, 'kubeconfig');
  await run('kind', ['create', 'cluster', '--name', kindName, '--config', '-', '--wait', '120s'], JSON.stringify(config));
  return {
    words: `a kind cluster with a node in each of the zones ${zones.join(', ')}`,
    loadImage: async (archive) => void (await run('kind', ['load', 'image-archive', archive, '--name', kindName])),
    [Symbol.asyncDispose]: async () => {
      await run('kind', ['delete', 'cluster', '--name', kindName]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
