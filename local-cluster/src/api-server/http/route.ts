/** What a path means: /api/v1/namespaces/ns/pods/name/status and its kin. */
export interface ResourcePath {
  /** v1, or group/version. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  /** Empty: the whole collection. */
  readonly name: string;
  readonly subresource: string | undefined;
}

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Undefined when the path is none of a resource. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = decoded(path);
  if (parts === undefined) return undefined;
  const [root, ...rest] = parts;
  if (root === 'api') return fromParts(rest[0] ?? '', rest.slice(1));
  if (root === 'apis') return fromParts(`${rest[0] ?? ''}/${rest[1] ?? ''}`, rest.slice(2));
  return undefined;
}

function decoded(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function fromParts(apiVersion: string, parts: readonly string[]): ResourcePath | undefined {
  const [first, second, third, ...more] = parts;
  if (first === undefined) return undefined;
  const isNested = first === 'namespaces' && third !== undefined && !(namespaceSubresources.has(third) && more.length === 0);
  if (!isNested) return place(apiVersion, undefined, first, [second, third, ...more]);
  return place(apiVersion, second, third, more);
}

function place(
  apiVersion: string,
  namespace: string | undefined,
  plural: string,
  rest: readonly (string | undefined)[],
): ResourcePath | undefined {
  const [name, subresource, ...tooMuch] = rest.filter((part) => part !== undefined);
  if (tooMuch.length > 0) return undefined;
  return { apiVersion, plural, namespace, name: name ?? '', subresource };
}
