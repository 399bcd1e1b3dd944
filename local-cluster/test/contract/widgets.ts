/** A namespace of its own for one test, and the requests tests make in it. */
import { at, isObject, listOf, type Json, type JsonObject, show } from '../../src/api-server/core/json.ts';
import type { KubernetesConnection, Reply, RequestInput } from '../../src/testing/kubernetes-connection.ts';

export const mergeType = 'application/merge-patch+json';
export const jsonPatchType = 'application/json-patch+json';
export const strategicType = 'application/strategic-merge-patch+json';
export const applyType = 'application/apply-patch+yaml';

export class Workspace {
  readonly connection: KubernetesConnection;
  readonly namespace: string;

  constructor(connection: KubernetesConnection, namespace: string) {
    this.connection = connection;
    this.namespace = namespace;
  }

  /** Of Widgets, or of one, or of its subresource. */
  path(name = '', subresource = ''): string {
    return ['/apis/contract.example/v1/namespaces', this.namespace, 'widgets', name, subresource].filter((part) => part !== '').join('/');
  }

  core(plural: string, name = ''): string {
    return ['/api/v1/namespaces', this.namespace, plural, name].filter((part) => part !== '').join('/');
  }

  create(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): Promise<Reply> {
    return this.connection.request('POST', this.path(), { body: widget(name, spec, metadata) });
  }

  get(name: string): Promise<Reply> {
    return this.connection.request('GET', this.path(name));
  }

  merge(path: string, body: JsonObject): Promise<Reply> {
    return this.connection.request('PATCH', path, { body, contentType: mergeType });
  }

  apply(name: string, manager: string, spec: JsonObject, query = ''): Promise<Reply> {
    const body = { apiVersion: 'contract.example/v1', kind: 'Widget', metadata: { name }, spec };
    return this.connection.request('PATCH', `${this.path(name)}?fieldManager=${manager}${query}`, { body, contentType: applyType });
  }

  send(method: string, path: string, input: RequestInput = {}): Promise<Reply> {
    return this.connection.request(method, path, input);
  }
}

export function widget(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'contract.example/v1', kind: 'Widget', metadata: { name, ...metadata }, spec: { size: '1Gi', ...spec } };
}

export const field = (reply: Reply, ...path: string[]): Json | undefined => at(reply.body, ...path);
export const versionOf = (reply: Reply): string => show(field(reply, 'metadata', 'resourceVersion'));
export const causesOf = (reply: Reply): (Json | undefined)[] =>
  listOf(field(reply, 'details', 'causes')).map((cause) => at(cause, 'field'));

/** What a failure says, without what differs between servers by nature. */
export function failure(reply: Reply): JsonObject {
  return { code: reply.code, reason: reply.body['reason'], message: reply.body['message'] };
}

/** Managers and the fields they own, without times. */
export function owners(reply: Reply): Record<string, Json | undefined> {
  return Object.fromEntries(
    listOf(field(reply, 'metadata', 'managedFields'))
      .filter(isObject)
      .map((entry) => [
        `${show(entry['manager'])} ${show(entry['operation'])}${entry['subresource'] === undefined ? '' : ` ${show(entry['subresource'])}`}`,
        entry['fieldsV1'],
      ]),
  );
}
