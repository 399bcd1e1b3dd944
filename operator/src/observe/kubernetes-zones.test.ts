import type { PoolTemplate } from '@vectorcluster/crds/vector-cluster.ts';
import type { Node } from '@vectorcluster/kube/types/core.ts';
import { expect, test } from 'vitest';
import { usableZones } from './kubernetes-zones.ts';

const node = (zone: string, spec: Node['spec'] = {}, ready = 'True', labels: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: `kube-${zone}`, labels: { zone, ...labels } },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const dedicated = { taints: [{ key: 'dedicated', value: 'vectors', effect: 'NoSchedule' }] };

test.for<[string, Node[], PoolTemplate, string[]]>([
  ['zones in order, each once', [node('b'), node('a'), node('b')], {}, ['a', 'b']],
  ['a node that is not ready does not count', [node('a'), node('b', {}, 'False')], {}, ['a']],
  ['nor one that is cordoned', [node('a'), node('b', { unschedulable: true })], {}, ['a']],
  ['nor one without the label', [node('a'), { ...node('b'), metadata: { name: 'x' } }], {}, ['a']],
  ['nor one whose taint is not tolerated', [node('a'), node('b', dedicated)], {}, ['a']],
  [
    'one whose taint is tolerated does',
    [node('b', dedicated)],
    { scheduling: { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'vectors', effect: 'NoSchedule' }] } },
    ['b'],
  ],
  ['a toleration of everything', [node('b', dedicated)], { scheduling: { tolerations: [{ operator: 'Exists' }] } }, ['b']],
  ['a toleration of another value', [node('b', dedicated)], { scheduling: { tolerations: [{ key: 'dedicated', value: 'x' }] } }, []],
  ['a taint that only prefers', [node('b', { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] })], {}, ['b']],
  [
    'the node selector of the pool',
    [node('a'), node('b', {}, 'True', { disk: 'ssd' })],
    { scheduling: { nodeSelector: { disk: 'ssd' } } },
    ['b'],
  ],
])('%s', ([, nodes, template, zones]) => {
  expect(usableZones(nodes, 'zone', template)).toEqual(zones);
});
