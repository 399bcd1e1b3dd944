/** Kinds of the group admissionregistration.k8s.io. */
import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node/dist/gen/models/V1ValidatingAdmissionPolicy.js';
import type { V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node/dist/gen/models/V1ValidatingAdmissionPolicyBinding.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface ValidatingAdmissionPolicy extends WireObject<V1ValidatingAdmissionPolicy> {}
export interface ValidatingAdmissionPolicyBinding extends WireObject<V1ValidatingAdmissionPolicyBinding> {}

const apiVersion = 'admissionregistration.k8s.io/v1';

export const validatingAdmissionPolicies: ResourceType<ValidatingAdmissionPolicy> = {
  apiVersion,
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
};
export const validatingAdmissionPolicyBindings: ResourceType<ValidatingAdmissionPolicyBinding> = {
  apiVersion,
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  namespaced: false,
};
