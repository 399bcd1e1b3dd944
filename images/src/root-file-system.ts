/** The files of an image, put together in a folder. The Dockerfile runs this too, so both kinds of image hold the same. */
import { copyFile, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundle, standsApart } from './bundle.ts';
import type { ImageName } from './image-config.ts';
import { isKeptOfBundled, isKeptOfPackage, isKeptOfWorkspace } from './kept-files.ts';
import { productionPackages, type ProductionPackages } from './production-packages.ts';
import { checkSystem, copyLibraries, writeAccounts } from './system-files.ts';

export interface RootFileSystemOptions {
  readonly image: ImageName;
  /** The checkout, after `make build`. */
  readonly root: string;
  /** An empty folder. */
  readonly target: string;
}

/** Throws when this is not the right Debian, or something is not installed. */
export async function makeRootFileSystem({ image, root, target }: RootFileSystemOptions): Promise<void> {
  await checkSystem();
  const app = join(target, 'app');
  const found = await productionPackages(root, [`@vectorcluster/${image}`]);
  await copyPackages(root, app, found);
  await bundleProgram({ image, root, file: join(app, image, 'main.js') });
  const manifest = {
    name: `vectorcluster-${image}-image`,
    version: await versionOf(join(root, image)),
    private: true,
    license: 'Apache-2.0',
    type: 'module',
  };
  const workspaces = [...found.workspaces.values()].toSorted();
  await writeFile(join(app, 'package.json'), `${JSON.stringify({ ...manifest, workspaces }, undefined, 2)}\n`);
  await copyFile(join(root, 'LICENSE'), join(app, 'LICENSE'));

  const node = await copyNode(root, target);
  const addons = (await readdir(app, { recursive: true })).filter((path) => path.endsWith('.node')).map((path) => join(app, path));
  const system = await copyLibraries([node.binary, ...addons], target);
  await writeAccounts(target);
  await mkdir(join(target, 'var', 'lib', 'vectorcluster'), { recursive: true });
  await writeFile(join(app, 'sbom.cdx.json'), await billOfMaterials({ folder: app, node: node.version, system }));
}

export async function bundleProgram({
  image,
  root,
  file,
}: Pick<RootFileSystemOptions, 'image' | 'root'> & { readonly file: string }): Promise<void> {
  await bundle({ entry: join(root, image, 'src', 'main.ts'), file });
}

/** The project's own Node. */
async function copyNode(root: string, target: string): Promise<{ readonly binary: string; readonly version: string }> {
  const installed = join(root, 'tools', 'node', 'node_modules', `node-${process.platform}-${process.arch}`);
  const binary = join(target, 'usr', 'local', 'bin', 'node');
  await cp(join(installed, 'bin', 'node'), binary);
  await cp(join(installed, 'LICENSE'), join(target, 'usr', 'share', 'doc', 'node', 'LICENSE'));
  return { binary, version: await versionOf(installed) };
}

async function copyPackages(root: string, app: string, { workspaces, packages }: ProductionPackages): Promise<void> {
  for (const [name, folder] of workspaces) {
    await copyKept(join(root, folder), join(app, folder), isKeptOfWorkspace);
    await writeProductionManifest(join(root, folder), join(app, folder));
    const link = join(app, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    // Links, as in the checkout: npm takes them for workspaces, and tells them so in the bill of materials.
    await symlink(relative(dirname(link), join(app, folder)), link);
  }
  const platform = `${process.platform}-${process.arch}`;
  const names = packages.map((folder) => folder.slice('node_modules/'.length)).filter((name) => standsApart(name));
  const apart = new Set((await productionPackages(root, names)).packages);
  for (const folder of packages) {
    const isKept = (path: string) => (apart.has(folder) ? isKeptOfPackage(path, platform) : isKeptOfBundled(path));
    await copyKept(join(root, folder), join(app, folder), isKept);
  }
}

/** Without what is not in the image, which npm would miss when it writes the bill of materials. */
async function writeProductionManifest(from: string, to: string): Promise<void> {
  const { devDependencies: _left, ...manifest }: Record<string, unknown> = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

async function copyKept(from: string, to: string, isKept: (path: string) => boolean): Promise<void> {
  for (const path of (await filesOf(from)).filter((each) => isKept(each))) {
    await cp(join(from, path), join(to, path), { dereference: true });
  }
}

/** Relative paths of all files below, without those of nested node_modules: these are packages of their own. */
async function filesOf(folder: string, below = ''): Promise<readonly string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (!entry.isDirectory()) return entry.isFile() ? [path] : [];
      return entry.name === 'node_modules' ? [] : filesOf(folder, path);
    }),
  );
  return nested.flat();
}

/** Of a package or a workspace. */
export async function versionOf(folder: string): Promise<string> {
  const manifest: { readonly version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return manifest.version;
}
