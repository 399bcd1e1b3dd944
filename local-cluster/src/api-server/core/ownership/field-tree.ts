/**
 * A set of fields of an object, as managedFields holds it: names are `f:spec`, items of list-maps `k:{"name":"a"}`, items of sets `v:"x"`.
 * A node that is in the tree but no member is there only because something below it is.
 */
import { isObject, type JsonObject } from '../json.ts';

export interface FieldTree {
  readonly isMember: boolean;
  readonly children: ReadonlyMap<string, FieldTree>;
}

export const emptyTree: FieldTree = { isMember: false, children: new Map() };
export const leaf: FieldTree = { isMember: true, children: new Map() };

export function branch(children: Iterable<readonly [string, FieldTree]>, isMember = false): FieldTree {
  const kept = [...children].filter(([, child]) => !isEmpty(child));
  return { isMember, children: new Map(kept) };
}

export function isEmpty(tree: FieldTree): boolean {
  return !tree.isMember && tree.children.size === 0;
}

export function readTree(json: JsonObject): FieldTree {
  return fromFields(json, false);
}

function fromFields(json: JsonObject, isItem: boolean): FieldTree {
  const children: [string, FieldTree][] = [];
  for (const [name, value] of Object.entries(json)) if (name !== '.' && isObject(value)) children.push([name, fromFields(value, true)]);
  return branch(children, isItem && (children.length === 0 || json['.'] !== undefined));
}

export function writeTree(tree: FieldTree): JsonObject {
  const result: JsonObject = {};
  if (tree.isMember && tree.children.size > 0) result['.'] = {};
  for (const [name, child] of [...tree.children].toSorted(([left], [right]) => (left < right ? -1 : 1))) result[name] = writeTree(child);
  return result;
}

export function union(left: FieldTree, right: FieldTree): FieldTree {
  const children = new Map(left.children);
  for (const [name, child] of right.children) {
    const own = children.get(name);
    children.set(name, own === undefined ? child : union(own, child));
  }
  return { isMember: left.isMember || right.isMember, children };
}

export function difference(left: FieldTree, right: FieldTree): FieldTree {
  const children: [string, FieldTree][] = [];
  for (const [name, child] of left.children) {
    const other = right.children.get(name);
    children.push([name, other === undefined ? child : difference(child, other)]);
  }
  return branch(children, left.isMember && !right.isMember);
}

export function intersection(left: FieldTree, right: FieldTree): FieldTree {
  const children: [string, FieldTree][] = [];
  for (const [name, child] of left.children) {
    const other = right.children.get(name);
    if (other !== undefined) children.push([name, intersection(child, other)]);
  }
  return branch(children, left.isMember && right.isMember);
}

/** Paths of the members, such as .spec.containers[name="web"].image. */
export function paths(tree: FieldTree): string[] {
  return pathsBelow(tree, '');
}

function pathsBelow(tree: FieldTree, path: string): string[] {
  const own = tree.isMember && path !== '' ? [path] : [];
  return [...own, ...[...tree.children].flatMap(([name, child]) => pathsBelow(child, path + readable(name)))];
}

function readable(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys: unknown = JSON.parse(rest);
  if (!isObject(keys)) return `[${rest}]`;
  return `[${Object.entries(keys)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`;
}
