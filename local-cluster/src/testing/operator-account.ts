/** The operator's ServiceAccount with the rights that an installation gives it. */
import { parseDocument } from 'yaml';
import { at, textOf } from '../api-server/core/json.ts';
import { bootstrapObjects, operatorName, operatorNamespace } from '../bootstrap/objects.ts';
import { KubernetesConnection } from './kubernetes-connection.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const paths: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: `/api/v1/namespaces/${operatorNamespace}/serviceaccounts`,
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
};

/** Makes the account where it is not there yet; a token of it. */
export async function operatorToken(connection: KubernetesConnection): Promise<string> {
  for (const object of bootstrapObjects()) {
    const path = paths[object.kind];
    if (path !== undefined) await connection.request('POST', path, { body: object });
  }
  return accountToken(connection, operatorNamespace, operatorName);
}

/** The kubeconfig of the operator, from one with every right. */
export async function operatorKubeconfig(adminKubeconfig: string): Promise<string> {
  const connection = KubernetesConnection.fromKubeconfig(adminKubeconfig);
  try {
    return withToken(adminKubeconfig, await operatorToken(connection));
  } finally {
    connection.close();
  }
}

export async function accountToken(connection: KubernetesConnection, namespace: string, account: string): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const reply = await connection.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, { body });
  const token = textOf(at(reply.body, 'status', 'token'));
  if (token === undefined) throw new Error(`no token for ${namespace}/${account}: ${JSON.stringify(reply.body)}`);
  return token;
}

export function withToken(kubeconfig: string, token: string): string {
  const document = parseDocument(kubeconfig);
  document.setIn(['users', 0, 'user', 'token'], token);
  return String(document);
}
