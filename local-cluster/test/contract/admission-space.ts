/** Policies for the Widgets of one test's namespace, and waiting until a server obeys them. */
import { vi } from 'vitest';
import { listOf, objectOf, show, type JsonObject } from '../../src/api-server/core/json.ts';
import type { Reply } from '../../src/testing/kubernetes-connection.ts';
import { field, widget, type Workspace } from './widgets.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
export const policies = `${group}/validatingadmissionpolicies`;
export const policyBindings = `${group}/validatingadmissionpolicybindings`;

export const onWidgets: JsonObject = {
  resourceRules: [
    {
      apiGroups: ['contract.example'],
      apiVersions: ['v1'],
      operations: ['CREATE', 'UPDATE', 'DELETE'],
      resources: ['widgets', 'widgets/*'],
    },
  ],
};

export class AdmissionSpace {
  readonly space: Workspace;

  constructor(space: Workspace) {
    this.space = space;
  }

  /** A name that no other test has: policies are in no namespace. */
  name(word: string): string {
    return `${word}-${this.space.namespace}`;
  }

  send(name: string, spec: JsonObject): Promise<Reply> {
    const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec };
    return this.space.send('POST', policies, { body });
  }

  bind(name: string, spec: JsonObject): Promise<Reply> {
    const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec };
    return this.space.send('POST', policyBindings, { body });
  }

  /** Makes a policy that holds in this namespace only. It also refuses, or warns of, a Widget called `probe`. */
  async enforce(word: string, spec: JsonObject, binding: JsonObject = {}): Promise<string> {
    const name = this.name(word);
    const probed = { expression: 'object == null || object.metadata.name != "probe"', message: 'probed' };
    const validations = [probed, ...listOf(spec['validations'])];
    made(await this.send(name, { matchConstraints: onWidgets, ...spec, validations }));
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': this.space.namespace } };
    const matchResources = { namespaceSelector, ...objectOf(binding['matchResources']) };
    made(await this.bind(`${name}-b`, { policyName: name, validationActions: ['Deny'], ...binding, matchResources }));
    return name;
  }

  /** Waits until what was enforced last is in force. `metadata` of a Widget that it is for. */
  async inForce(metadata: JsonObject = {}): Promise<void> {
    await vi.waitFor(
      async () => {
        const reply = await this.space.send('POST', `${this.space.path()}?dryRun=All`, { body: widget('probe', {}, metadata) });
        const isProbed = reply.code !== 201 || reply.warnings.some((warning) => warning.includes('probed'));
        if (!isProbed) throw new Error('the policy is not in force yet');
      },
      { timeout: 30_000 },
    );
  }
}

function made(reply: Reply): void {
  if (reply.code !== 201) throw new Error(`refused with ${reply.code}: ${show(field(reply, 'message'))}`);
}
