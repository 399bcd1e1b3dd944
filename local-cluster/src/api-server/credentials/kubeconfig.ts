import { stringify } from 'yaml';

export interface KubeconfigOptions {
  readonly url: string;
  readonly caPem: string;
  readonly user: string;
  readonly token: string;
  readonly namespace?: string;
}

export function kubeconfig({ url, caPem, user, token, namespace }: KubeconfigOptions): string {
  const cluster = 'vectorcluster-local';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': cluster,
    clusters: [{ name: cluster, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    contexts: [{ name: cluster, context: { cluster, user, ...(namespace !== undefined && { namespace }) } }],
    users: [{ name: user, user: { token } }],
  });
}
