import type { PodTemplateSpec } from '@vectorcluster/crds/pod-template.ts';
import { expect, test } from 'vitest';
import { unsafePodTemplate } from './unsafe-pod-template.ts';

const side = (more: object): PodTemplateSpec => ({ containers: [{ name: 'side', image: 'side:1', ...more }] });
const security = (securityContext: object): PodTemplateSpec => side({ securityContext });

test.for<[string, PodTemplateSpec]>([
  ['hostNetwork', { hostNetwork: true }],
  ['hostPID', { hostPID: true }],
  ['hostIPC', { hostIPC: true }],
  ['volumes[root].hostPath', { volumes: [{ name: 'root', hostPath: { path: '/' } }] }],
  ['volumes[share].nfs', { volumes: [{ name: 'share', nfs: { server: 's', path: '/' } }] }],
  ['containers[side].securityContext.privileged', security({ privileged: true })],
  ['containers[side].securityContext.allowPrivilegeEscalation', security({ allowPrivilegeEscalation: true })],
  ['containers[side].securityContext.capabilities.add', security({ capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } })],
  ['containers[side].securityContext.capabilities.drop', security({ capabilities: { drop: [] } })],
  ['containers[side].securityContext.runAsUser', security({ runAsUser: 0 })],
  ['containers[side].securityContext.runAsNonRoot', security({ runAsNonRoot: false })],
  ['containers[side].securityContext.procMount', security({ procMount: 'Unmasked' })],
  ['containers[side].securityContext.seccompProfile', security({ seccompProfile: { type: 'Unconfined' } })],
  ['containers[side].ports.hostPort', side({ ports: [{ containerPort: 80, hostPort: 80 }] })],
  [
    'initContainers[init].securityContext.privileged',
    { initContainers: [{ name: 'init', image: 'i', securityContext: { privileged: true } }] },
  ],
])('%s is refused by name, unless whoever installed the operator allows it', ([field, spec]) => {
  const pool = { name: 'data', podTemplate: { spec } };
  const [finding] = unsafePodTemplate(pool, false);
  expect(finding?.reason).toBe('PodTemplateUnsafe');
  expect(finding?.message).toContain(`spec.pools[data] asks for more than a storage node may do (podTemplate.spec.${field})`);
  expect(finding?.message).toContain('storageNode.allowUnsafePodTemplates=true');
  expect(unsafePodTemplate(pool, true)).toEqual([]);
});

test.for<[string, PodTemplateSpec | undefined]>([
  ['nothing', undefined],
  ['a sidecar', side({ env: [{ name: 'X', value: '1' }], ports: [{ containerPort: 80 }] })],
  ['what restricted asks for', security({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } })],
  ['a user that is not root', security({ runAsUser: 1000, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })],
  [
    'harmless volumes',
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', configMap: { name: 'b' } },
      ],
    },
  ],
  ['what is switched off', { hostNetwork: false, hostPID: false }],
])('%s is taken', ([, spec]) => {
  expect(unsafePodTemplate({ name: 'data', podTemplate: spec && { spec } }, false)).toEqual([]);
});
