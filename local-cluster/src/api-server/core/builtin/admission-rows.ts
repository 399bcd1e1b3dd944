/** The group admissionregistration.k8s.io. */
import { policyBindingStrategy, policyStrategy } from '../admission/policy-strategy.ts';
import { validatingAdmissionPolicy, validatingAdmissionPolicyBinding } from './admission-schemas.ts';
import { admissionPolicy, admissionPolicyBinding } from './columns.ts';
import type { Row } from './resources.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';

export const admissionRows: readonly Row[] = [
  {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
    isClusterWide: true,
    schema: validatingAdmissionPolicy,
    hasStatus: true,
    hasGeneration: true,
    strategy: policyStrategy,
    columns: admissionPolicy,
  },
  {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    isClusterWide: true,
    schema: validatingAdmissionPolicyBinding,
    hasGeneration: true,
    strategy: policyBindingStrategy,
    columns: admissionPolicyBinding,
  },
];
