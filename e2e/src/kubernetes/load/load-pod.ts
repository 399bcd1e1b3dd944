/** Where clients run: a Pod of the cluster, as an application is, on the Node of the storage nodes' own image. */
import { kubectl, run } from '../kubectl.ts';
import { programFiles } from './program-files.ts';

export const loadPodName = 'load';
export const programFolder = '/work';
export const nodeBinary = '/usr/local/bin/node';

const unpack = `
const { mkdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const files = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
for (const [path, text] of Object.entries(files)) {
  const target = join('${programFolder}', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}`;

/** `machine`: the Kubernetes node that it runs on, where one is to stay out of trouble. */
export async function startLoadPod(namespace: string, image: string, machine: string | undefined): Promise<void> {
  await run('kubectl', ['--namespace', namespace, 'apply', '--filename', '-'], JSON.stringify(manifest(image, machine)));
  await kubectl('--namespace', namespace, 'wait', '--for=condition=Ready', `pod/${loadPodName}`, '--timeout=120s');
  const files = JSON.stringify(await programFiles());
  await run('kubectl', ['--namespace', namespace, 'exec', '--stdin', loadPodName, '--', nodeBinary, '--eval', unpack], files);
}

function manifest(image: string, machine: string | undefined) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: loadPodName },
    spec: {
      ...(machine !== undefined && { nodeSelector: { 'kubernetes.io/hostname': machine } }),
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, fsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'load',
          image,
          command: [nodeBinary, '--eval', 'setInterval(() => {}, 60_000)'],
          volumeMounts: [{ name: 'work', mountPath: programFolder }],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
      volumes: [{ name: 'work', emptyDir: {} }],
    },
  };
}
