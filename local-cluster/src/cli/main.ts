#!/usr/bin/env node
/** `vectorcluster`: a cluster on one machine. Each command is a file of its own. */
import { Command, InvalidArgumentError } from 'commander';
import { colorsFor } from './colors.ts';
import type { DaemonOptions } from '../daemon.ts';
import { explainError } from '../explain-error.ts';
import { nodesMax, StateFolder } from '../state-folder.ts';
import { localVersion } from '../version.ts';
import { down } from './down.ts';
import { kubeconfig } from './kubeconfig.ts';
import { logs } from './logs.ts';
import { status } from './status.ts';
import { up } from './up.ts';

const program = new Command('vectorcluster')
  .description('A VectorCluster on this machine: the real operator and storage nodes, without Docker or Kubernetes.')
  .version(localVersion)
  .option('--state <folder>', 'folder that holds everything of the cluster', '.vectorcluster')
  .showHelpAfterError();

const state = (): StateFolder => new StateFolder(program.opts<{ state: string }>().state);

program
  .command('up')
  .description('start the cluster and return when its operator is ready')
  .option('--nodes <count>', 'Kubernetes nodes to play; 3 when left out', wholeNumber(nodesMax))
  .option('--zones <names>', 'zones of the nodes, in turn; a,b,c when left out', zoneNames)
  .option('--max-restart-backoff-seconds <seconds>', 'longest wait before an ended container runs again', wholeNumber(3600), 300)
  .action((options: Omit<DaemonOptions, 'state'>) => up(state(), options));

program
  .command('down')
  .description('stop the cluster; its data stays')
  .option('--delete', 'remove its data as well')
  .action((options: { delete?: true }) => down(state(), { deleteData: options.delete === true }));

program
  .command('status')
  .description('what runs and how it is')
  .action(() => status(state()));

program
  .command('logs')
  .description('print the log of a Pod; without a name, list the logs')
  .argument('[pod]', 'name of the Pod')
  .option('-f, --follow', 'go on printing')
  .action((pod: string | undefined, options: { follow?: true }) => logs(state(), pod, { follow: options.follow === true }));

program
  .command('kubeconfig')
  .description('print the path of the kubeconfig: export KUBECONFIG=$(vectorcluster kubeconfig)')
  .action(() => kubeconfig(state()));

// A reader such as head may stop reading.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${colorsFor(process.stderr).red('error:')} ${explainError(error, state().path)}\n`);
  process.exitCode = 1;
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > max) throw new InvalidArgumentError(`a whole number from 1 to ${max} is needed`);
    return value;
  };
}

function zoneNames(text: string): readonly string[] {
  const names = text.split(',');
  if (names.some((name) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))) {
    throw new InvalidArgumentError('names of lower-case letters, digits and hyphens with commas between them are needed');
  }
  return names;
}
