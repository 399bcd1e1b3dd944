/** Prints where the kubeconfig is, for `export KUBECONFIG=$(vectorcluster kubeconfig)`. */
import { access } from 'node:fs/promises';
import type { StateFolder } from '../state-folder.ts';

export async function kubeconfig(state: StateFolder): Promise<void> {
  const running = await state.running();
  if (!running) throw new Error(`no cluster is running in ${state.path}; start one with "vectorcluster up"`);
  const file = state.in('kubeconfig');
  await access(file).catch(() => {
    throw new Error(`${file} is gone, which a start of the cluster writes: "vectorcluster down", then "vectorcluster up"`);
  });
  process.stdout.write(`${file}\n`);
}
