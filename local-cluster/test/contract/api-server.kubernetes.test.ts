/** One contract for the embedded API server and a real one: where they differ, ours is wrong. */
import { afterAll, beforeAll, describe } from 'vitest';
import { show } from '../../src/api-server/core/json.ts';
import { controlPlanes, type RunningControlPlane } from '../../src/testing/control-planes.ts';
import { KubernetesConnection } from '../../src/testing/kubernetes-connection.ts';
import { admissionContract } from './admission.ts';
import { admissionObjectsContract } from './admission-objects.ts';
import { authorizationContract } from './authorization.ts';
import { deletionContract } from './deletion.ts';
import { objectsContract } from './objects.ts';
import { applyContract } from './server-side-apply.ts';
import { validationContract } from './validation.ts';
import { watchContract } from './watching.ts';
import { field, Workspace } from './widgets.ts';
import { widgetDefinition } from './widget-definition.ts';

describe.for(controlPlanes().map((plane) => [plane.name, plane] as const))('%s', ([, plane]) => {
  const state: { running?: RunningControlPlane; connection?: KubernetesConnection } = {};

  beforeAll(async () => {
    state.running = await plane.start({ crds: [widgetDefinition] });
    state.connection = KubernetesConnection.fromKubeconfig(state.running.kubeconfig);
  });
  afterAll(async () => {
    state.connection?.close();
    await state.running?.[Symbol.asyncDispose]();
  });

  const workspace = async (): Promise<Workspace> => {
    const { connection } = state;
    if (connection === undefined) throw new Error('the control plane is not up');
    const made = await connection.request('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'contract-' } },
    });
    const namespace = show(field(made, 'metadata', 'name'));
    // Pods are refused until their default ServiceAccount is there.
    for (let tries = 0; tries < 200; tries += 1) {
      if ((await connection.request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).code === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return new Workspace(connection, namespace);
  };

  describe('objects', () => {
    objectsContract(workspace);
  });
  describe('validation', () => {
    validationContract(workspace);
  });
  describe('server-side apply', () => {
    applyContract(workspace);
  });
  describe('watching', () => {
    watchContract(workspace);
  });
  describe('authorization', () => {
    authorizationContract(workspace);
  });
  describe('admission', () => {
    admissionObjectsContract(workspace);
    admissionContract(workspace);
  });
  describe('deletion', () => {
    deletionContract(workspace);
  });
});
