/** Installs what a cluster needs before its first VectorCluster, and takes it away again. */
import { admissionObjects, customResourceDefinitions } from '@vectorcluster/local-cluster/bootstrap/definitions.ts';
import { applyObjects, kubectl } from './kubectl.ts';
import { operatorName, operatorNamespace, operatorObjects } from './operator-manifests.ts';

const readyWithin = '--timeout=180s';

/** Returns when the operator is ready. What was there before is left alone, now and later. */
export async function installOperator(version: string): Promise<AsyncDisposable> {
  const isInstalled = (await kubectl('get', 'namespace', operatorNamespace, '--ignore-not-found', '--output=name')) !== '';
  if (isInstalled) return { [Symbol.asyncDispose]: async () => undefined };
  const definitions = await customResourceDefinitions();
  await applyObjects([...definitions, ...(await admissionObjects())]);
  const names = definitions.map(({ metadata }) => `customresourcedefinition/${metadata.name}`);
  await kubectl('wait', '--for=condition=Established', readyWithin, ...names);
  await applyObjects(operatorObjects(version));
  await kubectl('--namespace', operatorNamespace, 'rollout', 'status', `deployment/${operatorName}`, readyWithin);
  return { [Symbol.asyncDispose]: uninstall };
}

async function uninstall(): Promise<void> {
  const installed = [...operatorObjects(''), ...(await admissionObjects()), ...(await customResourceDefinitions())];
  for (const { kind, metadata } of installed.filter((object) => object.metadata.namespace === undefined)) {
    await kubectl('delete', kind, metadata.name, '--ignore-not-found', readyWithin);
  }
}
