import type { JsonObject } from '../../src/api-server/core/json.ts';

/** A kind that uses everything our own kinds use of CustomResourceDefinitions. */
const condition = {
  type: 'object',
  required: ['type', 'status'],
  properties: { type: { type: 'string' }, status: { type: 'string' }, reason: { type: 'string' } },
};

const spec = {
  type: 'object',
  required: ['size'],
  'x-kubernetes-validations': [
    { rule: 'self.mode == oldSelf.mode', message: 'mode cannot change', fieldPath: '.mode' },
    { rule: '!has(self.replicas) || self.replicas != 7', message: 'seven is not allowed' },
  ],
  properties: {
    size: {
      type: 'string',
      maxLength: 10,
      'x-kubernetes-validations': [{ rule: 'quantity(self).compareTo(quantity(oldSelf)) >= 0', message: 'size cannot shrink' }],
    },
    replicas: { type: 'integer', format: 'int32', minimum: 0, maximum: 10 },
    mode: { type: 'string', enum: ['Fast', 'Slow'], default: 'Fast' },
    name: { type: 'string', pattern: '^[a-z]+$', minLength: 2 },
    owner: { type: 'string', nullable: true },
    tags: { type: 'array', maxItems: 4, items: { type: 'string', maxLength: 20 }, 'x-kubernetes-list-type': 'set' },
    parts: {
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 20 },
          value: { type: 'string', maxLength: 20 },
          weight: { type: 'integer', default: 1 },
        },
        'x-kubernetes-validations': [{ rule: 'self.weight >= oldSelf.weight', message: 'weight never goes back', fieldPath: '.weight' }],
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    limits: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ordered: { type: 'array', maxItems: 5, items: { type: 'string' } },
  },
};

export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.contract.example' },
  spec: {
    group: 'contract.example',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['contract'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
        },
        additionalPrinterColumns: [
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
          { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec,
              status: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer' },
                  selector: { type: 'string' },
                  epoch: { type: 'integer' },
                  observedGeneration: { type: 'integer' },
                  conditions: {
                    type: 'array',
                    maxItems: 8,
                    items: condition,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                  },
                },
                'x-kubernetes-validations': [
                  {
                    rule: '!has(oldSelf.epoch) || (has(self.epoch) && self.epoch >= oldSelf.epoch && self.epoch <= oldSelf.epoch + 1)',
                    message: 'epoch grows by one',
                    fieldPath: '.epoch',
                  },
                ],
              },
            },
          },
        },
      },
    ],
  },
};

/** A second, small kind, for what is done to definitions themselves. */
export const gizmoDefinition = (mode: JsonObject): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gizmos.contract.example' },
  spec: {
    group: 'contract.example',
    scope: 'Namespaced',
    names: { kind: 'Gizmo', plural: 'gizmos', singular: 'gizmo', listKind: 'GizmoList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { mode: { type: 'string', ...mode } } } },
          },
        },
      },
    ],
  },
});
