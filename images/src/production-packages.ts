/**
 * What a part runs with: its own workspace, the workspaces and packages it depends on, found as Node finds them. `npm ci --workspace`
 * would also install what workspaces need for development only.
 */
import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface ProductionPackages {
  /** Folders of workspaces, relative to the root; each is linked in node_modules under its name. */
  readonly workspaces: ReadonlyMap<string, string>;
  /** Folders of packages, relative to the root, like `node_modules/pino`. */
  readonly packages: readonly string[];
}

export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError';
}

/** What these need, themselves included. Throws MissingPackageError when a package is not installed. */
export async function productionPackages(root: string, names: readonly string[]): Promise<ProductionPackages> {
  const workspaces = new Map<string, string>();
  const packages = new Set<string>();
  const waiting = names.map((name) => ({ name, folder: installed(root, root, name) ?? missing(name, 'this') }));
  const seen = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.folder)) continue;
    seen.add(next.folder);
    const path = relative(root, next.folder);
    if (path.includes('node_modules/')) packages.add(path);
    else workspaces.set(next.name, path);
    for (const { name, isOptional } of dependenciesOf(await readManifest(next.folder))) {
      const folder = installed(root, next.folder, name);
      if (folder !== undefined) waiting.push({ name, folder });
      else if (!isOptional) missing(name, path);
    }
  }
  return { workspaces, packages: [...packages].toSorted() };
}

function missing(name: string, by: string): never {
  throw new MissingPackageError(`${name}, which ${by} needs, is not installed: run make build`);
}

function dependenciesOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Manifest) {
  return [
    ...Object.keys(dependencies ?? {}).map((name) => ({ name, isOptional: optionalDependencies?.[name] !== undefined })),
    ...Object.keys(optionalDependencies ?? {}).map((name) => ({ name, isOptional: true })),
    ...Object.keys(peerDependencies ?? {})
      .filter((name) => peerDependenciesMeta?.[name]?.optional !== true)
      .map((name) => ({ name, isOptional: false })),
  ];
}

async function readManifest(folder: string): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return manifest;
}

/** The nearest node_modules upwards that has it. */
function installed(root: string, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}
