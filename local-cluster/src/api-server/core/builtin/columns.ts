/** What `kubectl get` shows of built-in kinds. */
import { at, listOf, numberOf, objectOf, textOf, type Json, show } from '../json.ts';
import type { StoredObject } from '../object.ts';
import type { PrinterColumn } from '../resource.ts';
import { ageOf } from './age.ts';

type Value = PrinterColumn['value'];

const column = (name: string, value: Value, priority = 0): PrinterColumn => ({
  name,
  type: 'string',
  value,
  ...(priority > 0 && { priority }),
});
const number = (name: string, value: Value): PrinterColumn => ({ name, type: 'integer', value });
const field =
  (...path: readonly string[]): Value =>
  (object) =>
    at(object, ...path) ?? '';
const orNone = (value: Json | undefined): Json => (value === undefined || value === '' ? '<none>' : value);
const size =
  (...path: readonly string[]): Value =>
  (object) =>
    Object.keys(objectOf(at(object, ...path))).length;

const name: PrinterColumn = { name: 'Name', type: 'string', format: 'name', value: (object) => object.metadata.name };
const age: PrinterColumn = { name: 'Age', type: 'string', value: (object, now) => ageOf(object.metadata.creationTimestamp, now) };

export const named = [name, age];
export const created = [
  name,
  { name: 'Created At', type: 'date', value: (object: StoredObject) => object.metadata.creationTimestamp ?? null },
];
export const namespace = [name, column('Status', field('status', 'phase')), age];
export const configMap = [name, number('Data', size('data')), age];
export const secret = [name, column('Type', field('type')), number('Data', size('data')), age];
export const serviceAccount = [name, number('Secrets', (account) => listOf(account['secrets']).length), age];
export const endpoints = [
  name,
  column('Endpoints', (object) => orNone(listOf(object['subsets']).length === 0 ? undefined : show(listOf(object['subsets']).length))),
  age,
];
export const lease = [name, column('Holder', field('spec', 'holderIdentity')), age];
export const roleBinding = [
  name,
  column('Role', (binding) => `${textOf(at(binding, 'roleRef', 'kind'))}/${textOf(at(binding, 'roleRef', 'name'))}`),
  age,
];
export const admissionPolicy = [
  name,
  number('Validations', (policy) => listOf(at(policy, 'spec', 'validations')).length),
  column('ParamKind', () => '<unset>'),
  age,
];
export const admissionPolicyBinding = [name, column('PolicyName', field('spec', 'policyName')), column('ParamRef', () => '<unset>'), age];
export const priorityClass = [
  name,
  number('Value', field('value')),
  { ...column('Global-Default', (object) => object['globalDefault'] === true), type: 'boolean' },
  age,
];
export const storageClass = [
  name,
  column('Provisioner', field('provisioner')),
  column('ReclaimPolicy', field('reclaimPolicy')),
  column('VolumeBindingMode', field('volumeBindingMode')),
  age,
];

export const podDisruptionBudget = [
  name,
  column('Min Available', (budget) => at(budget, 'spec', 'minAvailable') ?? 'N/A'),
  column('Max Unavailable', (budget) => at(budget, 'spec', 'maxUnavailable') ?? 'N/A'),
  number('Allowed Disruptions', (budget) => numberOf(at(budget, 'status', 'disruptionsAllowed')) ?? 0),
  age,
];

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const accessModes = (list: Json | undefined): string =>
  listOf(list)
    .map((mode) => modes[show(mode)] ?? show(mode))
    .join(',');

export const claim = [
  name,
  column('Status', (object) => (object.metadata.deletionTimestamp === undefined ? (at(object, 'status', 'phase') ?? '') : 'Terminating')),
  column('Volume', field('spec', 'volumeName')),
  column('Capacity', field('status', 'capacity', 'storage')),
  column('Access Modes', (object) => accessModes(at(object, 'status', 'accessModes'))),
  column('StorageClass', field('spec', 'storageClassName')),
  age,
  column('VolumeMode', field('spec', 'volumeMode'), 1),
];

export const volume = [
  name,
  column('Capacity', field('spec', 'capacity', 'storage')),
  column('Access Modes', (object) => accessModes(at(object, 'spec', 'accessModes'))),
  column('Reclaim Policy', field('spec', 'persistentVolumeReclaimPolicy')),
  column('Status', field('status', 'phase')),
  column('Claim', (object) => {
    const reference = at(object, 'spec', 'claimRef');
    return reference === undefined ? '' : `${textOf(at(reference, 'namespace'))}/${textOf(at(reference, 'name'))}`;
  }),
  column('StorageClass', field('spec', 'storageClassName')),
  age,
];

const ports = (service: StoredObject): Json =>
  orNone(
    listOf(at(service, 'spec', 'ports'))
      .map(
        (port) =>
          `${show(at(port, 'port'))}${at(port, 'nodePort') === undefined ? '' : `:${show(at(port, 'nodePort'))}`}/${textOf(at(port, 'protocol')) ?? 'TCP'}`,
      )
      .join(','),
  );
const pairs = (map: Json | undefined): Json =>
  orNone(
    Object.entries(objectOf(map))
      .map(([key, value]) => `${key}=${show(value)}`)
      .join(','),
  );

export const service = [
  name,
  column('Type', field('spec', 'type')),
  column('Cluster-IP', (object) => orNone(at(object, 'spec', 'clusterIP'))),
  column('External-IP', (object) =>
    orNone(
      listOf(at(object, 'spec', 'externalIPs'))
        .map(show)
        .join(','),
    ),
  ),
  column('Port(s)', ports),
  age,
  column('Selector', (object) => pairs(at(object, 'spec', 'selector')), 1),
];

export const endpointSlice = [
  name,
  column('AddressType', field('addressType')),
  column('Ports', (slice) =>
    orNone(
      listOf(slice['ports'])
        .map((port) => show(at(port, 'port')))
        .join(','),
    ),
  ),
  column('Endpoints', (slice) =>
    orNone(
      listOf(slice['endpoints'])
        .flatMap((each) => listOf(at(each, 'addresses')))
        .map(show)
        .join(','),
    ),
  ),
  age,
];

const readyCondition = (object: StoredObject): Json | undefined =>
  listOf(at(object, 'status', 'conditions')).find((each) => at(each, 'type') === 'Ready');

export const node = [
  name,
  column('Status', (object) => {
    const ready = at(readyCondition(object), 'status');
    const words = [ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady'];
    if (at(object, 'spec', 'unschedulable') === true) words.push('SchedulingDisabled');
    return words.join(',');
  }),
  column('Roles', (object) => {
    const prefix = 'node-role.kubernetes.io/';
    const roles = Object.keys(object.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
    return orNone(roles.map((label) => label.slice(prefix.length)).join(','));
  }),
  age,
  column('Version', field('status', 'nodeInfo', 'kubeletVersion')),
  column(
    'Internal-IP',
    (object) =>
      orNone(
        at(
          listOf(at(object, 'status', 'addresses')).find((each) => at(each, 'type') === 'InternalIP'),
          'address',
        ),
      ),
    1,
  ),
];

const lastSeen = (event: StoredObject): string | undefined =>
  textOf(at(event, 'series', 'lastObservedTime')) ??
  textOf(event['lastTimestamp']) ??
  textOf(event['eventTime']) ??
  event.metadata.creationTimestamp;

export const event = [
  column('Last Seen', (object, now) => ageOf(lastSeen(object), now)),
  column('Type', field('type')),
  column('Reason', field('reason')),
  column(
    'Object',
    (object) => `${textOf(at(object, 'involvedObject', 'kind'))?.toLowerCase()}/${textOf(at(object, 'involvedObject', 'name'))}`,
  ),
  column('Message', (object) => textOf(object['message'])?.trim() ?? ''),
  { ...column('Name', (object) => object.metadata.name, 1), format: 'name' },
];

function restarts(pod: StoredObject): number {
  return listOf(at(pod, 'status', 'containerStatuses')).reduce<number>((sum, each) => sum + (numberOf(at(each, 'restartCount')) ?? 0), 0);
}

/** The most telling word: why a container waits or ended, else the phase. */
function podStatus(pod: StoredObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const states = listOf(at(pod, 'status', 'containerStatuses')).map((each) => at(each, 'state'));
  for (const state of states) {
    const reason = textOf(at(state, 'waiting', 'reason')) ?? textOf(at(state, 'terminated', 'reason'));
    if (reason !== undefined && reason !== '') return reason;
  }
  return textOf(at(pod, 'status', 'reason')) ?? textOf(at(pod, 'status', 'phase')) ?? 'Unknown';
}

export const pod = [
  name,
  column('Ready', (object) => {
    const ready = listOf(at(object, 'status', 'containerStatuses')).filter((each) => at(each, 'ready') === true).length;
    return `${ready}/${listOf(at(object, 'spec', 'containers')).length}`;
  }),
  column('Status', podStatus),
  column('Restarts', (object) => show(restarts(object))),
  age,
  column('IP', (object) => orNone(at(object, 'status', 'podIP')), 1),
  column('Node', (object) => orNone(at(object, 'spec', 'nodeName')), 1),
  column('Nominated Node', (object) => orNone(at(object, 'status', 'nominatedNodeName')), 1),
  column('Readiness Gates', () => '<none>', 1),
];
