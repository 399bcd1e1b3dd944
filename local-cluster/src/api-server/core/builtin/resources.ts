/** The table of built-in kinds. */
import type { PrinterColumn, ResourceDefinition, Strategy } from '../resource.ts';
import type { Schema } from '../schema/schema.ts';
import { definitionStrategy } from '../custom/definition-strategy.ts';
import { admissionRows } from './admission-rows.ts';
import * as columns from './columns.ts';
import { fromCoreEvent, toCoreEvent } from './event-conversion.ts';
import * as schemas from './object-schemas.ts';
import { podSchema } from './pod-schema.ts';
import { podStrategy } from './pod-strategy.ts';
import {
  claimStrategy,
  configMapStrategy,
  namespaceStrategy,
  pathNamed,
  roleBindingStrategy,
  secretStrategy,
  serviceStrategy,
  volumeStrategy,
  type ServiceIps,
} from './strategies.ts';

export interface Row {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly isClusterWide?: boolean;
  readonly isInAll?: boolean;
  readonly schema?: Schema;
  readonly hasStatus?: boolean;
  readonly hasGeneration?: boolean;
  readonly strategy?: Strategy;
  readonly columns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly string[];
  readonly storage?: string;
  readonly conversion?: ResourceDefinition['conversion'];
}

const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.fieldPath',
  'reason',
  'type',
  'reportingComponent',
  'source',
];
const rbac = 'rbac.authorization.k8s.io/v1';

export function builtInResources(serviceIps: ServiceIps): readonly ResourceDefinition[] {
  const rows: readonly Row[] = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      shortNames: ['ns'],
      isClusterWide: true,
      schema: schemas.namespace,
      hasStatus: true,
      strategy: namespaceStrategy,
      columns: columns.namespace,
      selectableFields: ['status.phase'],
    },
    {
      apiVersion: 'v1',
      kind: 'Node',
      plural: 'nodes',
      shortNames: ['no'],
      isClusterWide: true,
      schema: schemas.node,
      hasStatus: true,
      columns: columns.node,
      selectableFields: ['spec.unschedulable'],
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      plural: 'pods',
      shortNames: ['po'],
      isInAll: true,
      schema: podSchema,
      hasStatus: true,
      hasGeneration: true,
      strategy: podStrategy,
      columns: columns.pod,
      selectableFields: [
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      plural: 'services',
      shortNames: ['svc'],
      isInAll: true,
      schema: schemas.service,
      hasStatus: true,
      strategy: serviceStrategy(serviceIps),
      columns: columns.service,
      selectableFields: ['spec.clusterIP', 'spec.type'],
    },
    { apiVersion: 'v1', kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], schema: schemas.endpoints, columns: columns.endpoints },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      plural: 'configmaps',
      shortNames: ['cm'],
      schema: schemas.configMap,
      strategy: configMapStrategy,
      columns: columns.configMap,
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      plural: 'secrets',
      schema: schemas.secret,
      strategy: secretStrategy,
      columns: columns.secret,
      selectableFields: ['type'],
    },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      shortNames: ['sa'],
      schema: schemas.serviceAccount,
      columns: columns.serviceAccount,
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      plural: 'persistentvolumeclaims',
      shortNames: ['pvc'],
      schema: schemas.persistentVolumeClaim,
      hasStatus: true,
      strategy: claimStrategy,
      columns: columns.claim,
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      plural: 'persistentvolumes',
      shortNames: ['pv'],
      isClusterWide: true,
      schema: schemas.persistentVolume,
      hasStatus: true,
      strategy: volumeStrategy,
      columns: columns.volume,
    },
    {
      apiVersion: 'v1',
      kind: 'Event',
      plural: 'events',
      shortNames: ['ev'],
      schema: schemas.event,
      columns: columns.event,
      selectableFields: eventFields,
    },
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      plural: 'events',
      shortNames: ['ev'],
      storage: 'events',
      columns: columns.event,
      selectableFields: [...eventFields.map((field) => field.replace('involvedObject', 'regarding')), 'reportingController'],
      conversion: { toStored: toCoreEvent, fromStored: fromCoreEvent },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      plural: 'endpointslices',
      schema: schemas.endpointSlice,
      hasGeneration: true,
      columns: columns.endpointSlice,
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      shortNames: ['pdb'],
      schema: schemas.podDisruptionBudget,
      hasStatus: true,
      hasGeneration: true,
      columns: columns.podDisruptionBudget,
    },
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', schema: schemas.lease, columns: columns.lease },
    { apiVersion: rbac, kind: 'Role', plural: 'roles', schema: schemas.role, strategy: pathNamed, columns: columns.created },
    {
      apiVersion: rbac,
      kind: 'RoleBinding',
      plural: 'rolebindings',
      schema: schemas.roleBinding,
      strategy: roleBindingStrategy,
      columns: columns.roleBinding,
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRole',
      plural: 'clusterroles',
      isClusterWide: true,
      schema: schemas.role,
      strategy: pathNamed,
      columns: columns.created,
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRoleBinding',
      plural: 'clusterrolebindings',
      isClusterWide: true,
      schema: schemas.roleBinding,
      strategy: roleBindingStrategy,
      columns: columns.roleBinding,
    },
    {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      shortNames: ['pc'],
      isClusterWide: true,
      schema: schemas.priorityClass,
      columns: columns.priorityClass,
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      plural: 'storageclasses',
      shortNames: ['sc'],
      isClusterWide: true,
      schema: schemas.storageClass,
      columns: columns.storageClass,
    },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      shortNames: ['crd', 'crds'],
      isClusterWide: true,
      schema: schemas.customResourceDefinition,
      hasStatus: true,
      hasGeneration: true,
      strategy: definitionStrategy,
      columns: columns.created,
    },
    ...admissionRows,
  ];
  return rows.map(definition);
}

function definition(row: Row): ResourceDefinition {
  const [group, version] = row.apiVersion.includes('/') ? row.apiVersion.split('/') : ['', row.apiVersion];
  return {
    group: group ?? '',
    version: version ?? '',
    kind: row.kind,
    listKind: `${row.kind}List`,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    namespaced: row.isClusterWide !== true,
    shortNames: row.shortNames ?? [],
    categories: row.isInAll === true ? ['all'] : [],
    schema: row.schema,
    hasStatus: row.hasStatus === true,
    hasGeneration: row.hasGeneration === true,
    columns: row.columns ?? columns.named,
    selectableFields: row.selectableFields ?? [],
    strategy: row.strategy ?? {},
    isCustom: false,
    ...(row.conversion && { conversion: row.conversion }),
    storage: row.storage ?? (group === '' ? row.plural : `${group}/${row.plural}`),
  };
}
