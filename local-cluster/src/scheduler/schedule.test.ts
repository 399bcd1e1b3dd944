import { expect, test } from 'vitest';
import type { Node, Pod } from '@vectorcluster/kube/types/core.ts';
import { schedule } from './schedule.ts';

const zoneKey = 'topology.kubernetes.io/zone';

function node(name: string, zone: string, spec: Node['spec'] = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [zoneKey]: zone, 'kubernetes.io/hostname': name } },
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function pod(name: string, spec: Partial<NonNullable<Pod['spec']>> = {}, nodeName?: string): Pod {
  const placed = nodeName === undefined ? {} : { nodeName };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, labels: { app: 'store' } },
    spec: { containers: [], ...spec, ...placed },
  };
}

const spread = {
  maxSkew: 1,
  topologyKey: zoneKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { app: 'store' } },
};
const nodes = [node('n1', 'a'), node('n2', 'b'), node('n3', 'c')];

test('a node selector decides', () => {
  expect(schedule(pod('p', { nodeSelector: { [zoneKey]: 'b' } }), { nodes, pods: [] })).toEqual({ kind: 'node', node: 'n2' });
});

test('Pods spread over zones before nodes fill up', () => {
  const pods = [pod('x', {}, 'n1'), pod('y', {}, 'n3')];
  expect(schedule(pod('p', { topologySpreadConstraints: [spread] }), { nodes, pods })).toEqual({ kind: 'node', node: 'n2' });
});

test('a hard spread constraint refuses the zone that is ahead', () => {
  const pods = [pod('x', {}, 'n1')];
  const onlyA = [node('n1', 'a'), node('n2', 'b', { unschedulable: true })];
  const decision = schedule(pod('p', { topologySpreadConstraints: [{ ...spread, whenUnsatisfiable: 'DoNotSchedule' }] }), {
    nodes: onlyA,
    pods,
  });
  expect(decision).toEqual({
    kind: 'none',
    because: "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
  });
});

test('a taint keeps Pods away that do not tolerate it', () => {
  const tainted = [node('n1', 'a', { taints: [{ key: 'dedicated', value: 'vectors', effect: 'NoSchedule' }] })];
  expect(schedule(pod('p'), { nodes: tainted, pods: [] })).toEqual({
    kind: 'none',
    because: '0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: vectors}.',
  });
  const tolerations = [{ key: 'dedicated', operator: 'Equal', value: 'vectors', effect: 'NoSchedule' }];
  expect(schedule(pod('p', { tolerations }), { nodes: tainted, pods: [] })).toEqual({ kind: 'node', node: 'n1' });
});

test('without nodes the Pod waits and says so', () => {
  expect(schedule(pod('p'), { nodes: [], pods: [] })).toEqual({ kind: 'none', because: '0/0 nodes are available: there are none.' });
});
