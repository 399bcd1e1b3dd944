/** VectorCluster installed with its chart in one namespace, as the default of the chart is: the operator serves that namespace only. */
import { fileURLToPath } from 'node:url';
import { kubectl, run } from './kubectl.ts';

const chart = fileURLToPath(new URL('../../../charts/vectorcluster', import.meta.url));
const name = 'vectorcluster';
const within = '--timeout=180s';

/**
 * Returns when the operator serves. The namespace refuses Pods that the Pod Security Standard `restricted` does not allow. Where another
 * release has installed the definitions, Helm refuses.
 */
export async function installRelease(namespace: string): Promise<void> {
  await kubectl('create', 'namespace', namespace);
  await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  await run('helm', ['install', name, chart, '--namespace', namespace, '--set', 'crds.keep=false', '--wait', within]);
}

/** Nothing is left, the definitions included. */
export async function removeRelease(namespace: string): Promise<void> {
  await run('helm', ['uninstall', name, '--namespace', namespace, '--ignore-not-found', '--wait', within]);
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', within);
}

/** What a person would look at when something did not come about. */
export async function describeRelease(namespace: string): Promise<string> {
  const all = 'vectorclusters,vectorpools,vectorcollections,vectorshards,pods,persistentvolumeclaims';
  const objects = await kubectl('--namespace', namespace, 'get', all, '--output=wide').catch(String);
  const events = await kubectl('--namespace', namespace, 'get', 'events', '--sort-by=.lastTimestamp').catch(String);
  return `${objects}\n${events}`;
}
