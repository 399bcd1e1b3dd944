/** What the server serves: /version, /api and /apis in both forms. */
import type { ApiCore } from '../core/api-core.ts';
import { noSuchPath } from '../core/api-error.ts';
import type { JsonObject } from '../core/json.ts';
import { groupVersion, type ResourceDefinition } from '../core/resource.ts';
import { ok, send, type Answer, type Exchange } from './exchange.ts';
import { onOpenApi } from './openapi.ts';

const version: JsonObject = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.0-vectorcluster',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
};
const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const reviewGroups = [
  { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
  { group: 'authentication.k8s.io', version: 'v1', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
];

/** Undefined when the path is none of discovery; 'sent' when the answer is already on its way. */
export function onDiscovery(core: ApiCore, exchange: Exchange): Answer | 'sent' | undefined {
  const { path } = exchange;
  if (path === '/version' || path === '/version/') return ok(version);
  if (path.startsWith('/openapi/')) return onOpenApi(core, exchange);
  const parts = path.split('/').filter((part) => part !== '');
  const isAggregated =
    /as=APIGroupDiscoveryList/.test(exchange.request.headers.accept ?? '') && /v=v2\b/.test(exchange.request.headers.accept ?? '');
  const [root, group, groupVersionName, ...rest] = parts;
  if (rest.length > 0) return undefined;
  if (root === 'api' && group === undefined) return isAggregated ? aggregated(core, exchange, true) : ok(legacyCore(exchange));
  if (root === 'apis' && group === undefined) return isAggregated ? aggregated(core, exchange, false) : ok(groupList(core));
  if (root === 'api' && group === 'v1' && groupVersionName === undefined) return ok(resourceList(core, 'v1'));
  if (root !== 'apis' || group === undefined) return undefined;
  if (groupVersionName !== undefined) return ok(resourceList(core, `${group}/${groupVersionName}`));
  const found = groups(core).find((each) => each['name'] === group);
  if (found === undefined) throw noSuchPath();
  return ok({ kind: 'APIGroup', apiVersion: 'v1', ...found });
}

function legacyCore(exchange: Exchange): JsonObject {
  const server = exchange.request.headers.host ?? '';
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server }] };
}

function groupList(core: ApiCore): JsonObject {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(core) };
}

function groups(core: ApiCore): JsonObject[] {
  return [...versionsByGroup(core)]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => {
      const all = versions.map((each) => ({ groupVersion: `${name}/${each}`, version: each }));
      return { name, versions: all, preferredVersion: all[0] ?? null };
    });
}

function versionsByGroup(core: ApiCore): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const { group, version } of [...core.registry.all(), ...reviewGroups]) {
    const versions = result.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    result.set(group, versions);
  }
  return result;
}

function resourceList(core: ApiCore, apiVersion: string): JsonObject {
  const resources = core.registry.all().filter((resource) => groupVersion(resource) === apiVersion);
  const reviews = reviewGroups.filter((each) => groupVersion(each) === apiVersion);
  if (resources.length + reviews.length === 0) throw noSuchPath();
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: [
      ...resources.flatMap((resource) => [
        listedResource(resource),
        ...subresourcesOf(resource).map((each) => ({
          name: `${resource.plural}/${each.name}`,
          singularName: '',
          namespaced: resource.namespaced,
          kind: each.kind,
          ...(each.group !== undefined && { group: each.group, version: each.version }),
          verbs: each.verbs,
        })),
      ]),
      ...reviews.map(({ plural, kind }) => ({
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced: false,
        kind,
        verbs: ['create'],
      })),
    ],
  };
}

function listedResource(resource: ResourceDefinition): JsonObject {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: allVerbs,
    ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
    ...(categories.length > 0 && { categories: [...categories] }),
  };
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: string[];
}

function subresourcesOf(resource: ResourceDefinition): Subresource[] {
  const found: Subresource[] = [];
  if (resource.hasStatus) found.push({ name: 'status', kind: resource.kind, verbs: ['get', 'patch', 'update'] });
  if (resource.scale !== undefined)
    found.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] });
  if (resource.storage === 'pods') {
    found.push({ name: 'binding', kind: 'Binding', verbs: ['create'] });
    found.push({ name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] });
  }
  if (resource.storage === 'serviceaccounts')
    found.push({ name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] });
  return found;
}

function aggregated(core: ApiCore, exchange: Exchange, isCore: boolean): 'sent' {
  const items = [...versionsByGroup(core)]
    .filter(([name]) => (name === '') === isCore)
    .map(([name, versions]) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions.map((each) => ({ version: each, freshness: 'Current', resources: aggregatedResources(core, name, each) })),
    }));
  send(exchange, ok({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }), aggregatedType);
  return 'sent';
}

function aggregatedResources(core: ApiCore, group: string, version: string): JsonObject[] {
  const served = core.registry.all().filter((resource) => resource.group === group && resource.version === version);
  const reviews = reviewGroups.filter((each) => each.group === group && each.version === version);
  return [
    ...served.map((resource) => ({
      resource: resource.plural,
      responseKind: { group, version, kind: resource.kind },
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: resource.singular,
      verbs: allVerbs,
      ...(resource.shortNames.length > 0 && { shortNames: [...resource.shortNames] }),
      ...(resource.categories.length > 0 && { categories: [...resource.categories] }),
      subresources: subresourcesOf(resource).map((each) => ({
        subresource: each.name,
        responseKind: { group: each.group ?? group, version: each.version ?? version, kind: each.kind },
        verbs: each.verbs,
      })),
    })),
    ...reviews.map(({ plural, kind }) => ({
      resource: plural,
      responseKind: { group, version, kind },
      scope: 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
    })),
  ];
}
