/** Schemas of the group admissionregistration.k8s.io. */
import type { Schema } from '../schema/schema.ts';
import { conditions, labelSelector, list, listMap, long, oneOf, open, root, setOf, struct, text, withDefault } from './schemas.ts';

const resourceRule = struct({
  operations: list(text),
  apiGroups: list(text),
  apiVersions: list(text),
  resources: list(text),
  resourceNames: list(text),
  scope: withDefault(oneOf('*', 'Cluster', 'Namespaced'), '*'),
});

const matchResources: Schema = struct({
  namespaceSelector: withDefault(labelSelector, {}),
  objectSelector: withDefault(labelSelector, {}),
  resourceRules: list(resourceRule),
  excludeResourceRules: list(resourceRule),
  matchPolicy: withDefault(oneOf('Equivalent', 'Exact'), 'Equivalent'),
});

const validation = struct({ expression: text, message: text, reason: text, messageExpression: text });
const named = struct({ name: text, expression: text }, ['name']);
const expressionWarning = struct({ fieldRef: text, warning: text });

export const validatingAdmissionPolicy = root({
  spec: struct({
    paramKind: open,
    matchConstraints: matchResources,
    matchConditions: listMap(['name'], named),
    variables: listMap(['name'], named),
    validations: list(validation),
    auditAnnotations: list(struct({ key: text, valueExpression: text })),
    failurePolicy: withDefault(oneOf('Fail', 'Ignore'), 'Fail'),
  }),
  status: struct({ observedGeneration: long, typeChecking: struct({ expressionWarnings: list(expressionWarning) }), conditions }),
});

export const validatingAdmissionPolicyBinding = root({
  spec: struct({ policyName: text, paramRef: open, matchResources, validationActions: setOf(text) }),
});
