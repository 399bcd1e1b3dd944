/**
 * Images without a registry: a table from repository to the program that the image would hold.
 *
 * A program is located by its package, so that neither the operator nor the storage node is imported here. `env` is what the image's
 * own ENV would be: the one thing a Pod needs to know of this runtime is the address to listen on, because Pods of one machine share
 * its network.
 */
export interface ImageProgram {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type ImageLookup =
  | { readonly kind: 'found'; readonly program: ImageProgram }
  | { readonly kind: 'not-found'; readonly because: string };

const sourceAddress = new URL('kubelet/pod-source-address.ts', import.meta.url);

export interface ImageTable {
  readonly version: string;
  /** Repository to the URL of a module that Node runs. */
  readonly modules: ReadonlyMap<string, URL>;
}

export function builtInImages(version: string): ImageTable {
  return {
    version,
    modules: new Map([
      ['vectorcluster/operator', new URL(import.meta.resolve('@vectorcluster/operator/main.ts'))],
      ['vectorcluster/storage-node', new URL(import.meta.resolve('@vectorcluster/storage-node/main.ts'))],
    ]),
  };
}

/** `because` reads like what a container runtime says of an image it cannot pull. */
export function lookUpImage(table: ImageTable, image: string, podIp: string, nodeBinary: string): ImageLookup {
  const { repository, tag } = parseImage(image);
  const module = table.modules.get(repository);
  if (!module) {
    const known = [...table.modules.keys()].join(', ');
    return { kind: 'not-found', because: `this local cluster has no image ${repository}; it has ${known}` };
  }
  if (tag !== table.version) {
    return { kind: 'not-found', because: `image ${repository} has no tag ${tag}; this local cluster has ${table.version}` };
  }
  return {
    kind: 'found',
    program: { command: [nodeBinary, '--import', sourceAddress.href, module.pathname], env: { LISTEN_HOST: podIp } },
  };
}

export function parseImage(image: string): { readonly repository: string; readonly tag: string } {
  const withoutDigest = image.split('@')[0] ?? image;
  const colon = withoutDigest.lastIndexOf(':');
  const isTag = colon > withoutDigest.lastIndexOf('/');
  return isTag
    ? { repository: withoutDigest.slice(0, colon), tag: withoutDigest.slice(colon + 1) }
    : { repository: withoutDigest, tag: 'latest' };
}
