/** The operator's ServiceAccount with the rights that an installation gives it, and a token of it. */
import { bootstrapObjects, operatorName, operatorNamespace } from '../../src/bootstrap/objects.ts';
import { show } from '../../src/api-server/core/json.ts';
import type { KubernetesConnection } from '../../src/testing/kubernetes-connection.ts';
import { field } from '../contract/widgets.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const paths: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: `/api/v1/namespaces/${operatorNamespace}/serviceaccounts`,
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
};

export async function operatorToken(connection: KubernetesConnection): Promise<string> {
  for (const object of bootstrapObjects()) {
    const path = paths[object.kind];
    if (path !== undefined) await connection.request('POST', path, { body: object });
  }
  const spec = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const issued = await connection.request('POST', `${paths['ServiceAccount'] ?? ''}/${operatorName}/token`, { body: spec });
  return show(field(issued, 'status', 'token'));
}
