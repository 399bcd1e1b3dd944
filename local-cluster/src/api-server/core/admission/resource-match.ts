/** Which requests a policy or a binding is for: resource rules and selectors. */
import { at, listOf, stringMap, textOf, type Json, type JsonObject } from '../json.ts';
import type { ResourceDefinition } from '../resource.ts';
import { labelsMatch } from '../selectors.ts';
import type { Operation } from './admission-request.ts';

export interface ResourceRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  /** Such as pods, pods/status, pods/*. */
  readonly resources: readonly string[];
  /** Empty: of any name. */
  readonly resourceNames: readonly string[];
  readonly scope: string;
}

export interface ResourceMatch {
  /** Undefined: any resource. */
  readonly rules: readonly ResourceRule[] | undefined;
  readonly excluded: readonly ResourceRule[];
  readonly isExact: boolean;
  readonly namespaceSelector: Json | undefined;
  readonly objectSelector: Json | undefined;
}

export function readResourceMatch(json: Json | undefined): ResourceMatch {
  const rules = at(json, 'resourceRules');
  return {
    rules: rules === undefined ? undefined : listOf(rules).map(readRule),
    excluded: listOf(at(json, 'excludeResourceRules')).map(readRule),
    isExact: at(json, 'matchPolicy') === 'Exact',
    namespaceSelector: at(json, 'namespaceSelector'),
    objectSelector: at(json, 'objectSelector'),
  };
}

function readRule(json: Json): ResourceRule {
  const words = (name: string): string[] => listOf(at(json, name)).filter((each) => typeof each === 'string');
  return {
    operations: words('operations'),
    apiGroups: words('apiGroups'),
    apiVersions: words('apiVersions'),
    resources: words('resources'),
    resourceNames: words('resourceNames'),
    scope: textOf(at(json, 'scope')) ?? '*',
  };
}

export interface Addressed {
  /** The resource of the request first, then its other versions. */
  readonly versions: readonly ResourceDefinition[];
  readonly subresource: string | undefined;
  readonly operation: Operation;
  readonly name: string;
}

/** The version of the resource under which the rules cover the request; undefined: they do not. */
export function matchedVersion(match: ResourceMatch, request: Addressed): ResourceDefinition | undefined {
  const candidates = match.isExact ? request.versions.slice(0, 1) : request.versions;
  if (candidates.some((resource) => match.excluded.some((rule) => covers(rule, resource, request)))) return undefined;
  const { rules } = match;
  if (rules === undefined) return candidates[0];
  return candidates.find((resource) => rules.some((rule) => covers(rule, resource, request)));
}

/** Whether any operation on any object of it may be covered: what an index needs to know. */
export function mayCover(match: ResourceMatch, versions: readonly ResourceDefinition[], subresource: string | undefined): boolean {
  const candidates = match.isExact ? versions.slice(0, 1) : versions;
  const { rules } = match;
  return rules === undefined || candidates.some((resource) => rules.some((rule) => isOfResource(rule, resource, subresource)));
}

function covers(rule: ResourceRule, resource: ResourceDefinition, { subresource, operation, name }: Addressed): boolean {
  return (
    isOfResource(rule, resource, subresource) &&
    has(rule.operations, operation) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

function isOfResource(rule: ResourceRule, resource: ResourceDefinition, subresource = ''): boolean {
  return (
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    (rule.scope === '*' || rule.scope === (resource.namespaced ? 'Namespaced' : 'Cluster')) &&
    rule.resources.some((pattern) => {
      const [plural = '', sub = ''] = pattern.split('/');
      return (plural === '*' || plural === resource.plural) && (sub === '*' || sub === subresource);
    })
  );
}

const has = (words: readonly string[], word: string): boolean => words.includes('*') || words.includes(word);

/** `namespace` is undefined for what is in none, which every selector lets through. */
export function selectorsMatch(
  match: ResourceMatch,
  namespace: JsonObject | undefined,
  objects: readonly (JsonObject | undefined)[],
): boolean {
  if (namespace !== undefined && !labelsMatch(match.namespaceSelector, labelsOf(namespace))) return false;
  return objects.some((object) => object !== undefined && labelsMatch(match.objectSelector, labelsOf(object)));
}

const labelsOf = (object: JsonObject): Readonly<Record<string, string>> => stringMap(at(object, 'metadata', 'labels'));
