/** RFC 6902. */
import { ApiError, badRequest } from '../api-error.ts';
import { clone, isObject, jsonEqual, type Json, type JsonObject, show } from '../json.ts';

const maxOperations = 10_000;

export function jsonPatch(target: JsonObject, operations: Json): JsonObject {
  if (!Array.isArray(operations)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (operations.length > maxOperations) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    );
  }
  let document: Json = clone(target);
  for (const operation of operations) document = step(document, operation);
  if (!isObject(document)) throw badRequest('the patch does not leave an object');
  return document;
}

function step(document: Json, operation: Json): Json {
  if (!isObject(operation) || typeof operation['path'] !== 'string') throw badRequest('a JSON patch operation needs op and path');
  const path = parsePointer(operation['path']);
  switch (show(operation['op'])) {
    case 'add':
      return put(document, path, valueOf(operation), 'add');
    case 'replace':
      read(document, path, 'replace');
      return put(document, path, valueOf(operation), 'replace');
    case 'remove':
      return take(document, path).document;
    case 'test':
      if (!jsonEqual(read(document, path, 'test'), valueOf(operation)))
        throw unprocessable(`testing value ${operation['path']} failed: test failed`);
      return document;
    case 'move': {
      const taken = take(document, fromOf(operation));
      return put(taken.document, path, taken.value, 'add');
    }
    case 'copy':
      return put(document, path, clone(read(document, fromOf(operation), 'copy')), 'add');
    default:
      throw badRequest(`unexpected kind: ${show(operation['op'])}`);
  }
}

const unprocessable = (message: string): ApiError =>
  new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`);

function valueOf(operation: JsonObject): Json {
  return operation['value'] ?? null;
}

function fromOf(operation: JsonObject): readonly string[] {
  if (typeof operation['from'] !== 'string') throw badRequest('move and copy need from');
  return parsePointer(operation['from']);
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw badRequest(`a JSON pointer starts with /: ${pointer}`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, path: readonly string[], verb: string): Json {
  let current: Json | undefined = document;
  for (const part of path) current = childOf(current, part);
  if (current === undefined) throw missing(path, verb);
  return current;
}

const missing = (path: readonly string[], verb: string): ApiError =>
  unprocessable(`${verb} operation does not apply: doc is missing key: /${path.join('/')}: missing value`);

function childOf(value: Json | undefined, part: string): Json | undefined {
  if (Array.isArray(value)) return value[indexOf(value, part)];
  return isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

function indexOf(list: readonly Json[], part: string): number {
  if (!/^-?\d+$/.test(part)) return list.length;
  const index = Number(part);
  return index < 0 ? list.length + index : index;
}

/** Rebuilds the parents of the changed place; the rest is kept as it is. */
function put(document: Json, path: readonly string[], value: Json, verb: 'add' | 'replace'): Json {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(document)) {
    const copy = [...document];
    const index = part === '-' ? copy.length : indexOf(copy, part);
    if (rest.length > 0) copy[index] = put(existing(copy[index], path, verb), rest, value, verb);
    else if (index > copy.length) throw unprocessable(`${verb} operation does not apply: doc is missing path: "/${part}": invalid index`);
    else if (verb === 'add') copy.splice(index, 0, value);
    else copy[index] = value;
    return copy;
  }
  if (!isObject(document)) throw missing(path, verb);
  if (rest.length === 0) return { ...document, [part]: value };
  return { ...document, [part]: put(existing(document[part], path, verb), rest, value, verb) };
}

function existing(value: Json | undefined, path: readonly string[], verb: string): Json {
  if (value === undefined) throw missing(path, verb);
  return value;
}

function take(document: Json, path: readonly string[]): { readonly document: Json; readonly value: Json } {
  const [part, ...rest] = path;
  const child = part === undefined ? undefined : childOf(document, part);
  if (part === undefined || child === undefined) throw missing(path, 'remove');
  if (rest.length > 0) {
    const inner = take(child, rest);
    if (Array.isArray(document)) return { document: document.with(indexOf(document, part), inner.document), value: inner.value };
    return { document: isObject(document) ? { ...document, [part]: inner.document } : document, value: inner.value };
  }
  if (Array.isArray(document)) return { document: document.toSpliced(indexOf(document, part), 1), value: child };
  if (!isObject(document)) throw missing(path, 'remove');
  const { [part]: _, ...others } = document;
  return { document: others, value: child };
}
