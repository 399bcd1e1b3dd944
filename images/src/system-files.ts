/**
 * What Node needs of an operating system, out of the Debian that builds the image: the libraries that the binaries load, with their
 * licences. Node brings its own certificates and time zones; name resolution is in libc.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unprivilegedUser } from './image-config.ts';

const run = promisify(execFile);

/** One Debian for all, so that every machine builds the same image; the Dockerfile names it too. */
export const debianCodename = 'bookworm';

export interface SystemPackage {
  readonly name: string;
  readonly version: string;
}

export class WrongSystemError extends Error {
  override readonly name = 'WrongSystemError';
}

/** Throws WrongSystemError where this is not the Debian that images are made of. */
export async function checkSystem(): Promise<void> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const is = (line: string) => text.split('\n').includes(line);
  if (!is('ID=debian') || !is(`VERSION_CODENAME=${debianCodename}`)) {
    throw new WrongSystemError(`images are made of the files of Debian ${debianCodename}: build them there, or with images/Dockerfile`);
  }
}

/** Copies the libraries that `binaries` load to where these look for them. */
export async function copyLibraries(binaries: readonly string[], target: string): Promise<readonly SystemPackage[]> {
  const libraries = [...new Set((await Promise.all(binaries.map(librariesOf))).flat())].toSorted();
  for (const library of libraries) await copyInto(target, library);
  const names = [...new Set(await Promise.all(libraries.map(packageOf)))].toSorted();
  for (const name of names) await copyInto(target, `/usr/share/doc/${name}/copyright`);
  return await Promise.all(names.map(async (name) => ({ name, version: await versionOf(name) })));
}

export async function writeAccounts(target: string): Promise<void> {
  const files = {
    passwd: `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${unprivilegedUser}:${unprivilegedUser}:nonroot:/app:/sbin/nologin\n`,
    group: `root:x:0:\nnonroot:x:${unprivilegedUser}:\n`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  };
  await mkdir(join(target, 'etc'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(target, 'etc', name), text);
}

/** Absolute paths, as the loader says them. */
async function librariesOf(binary: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [binary]);
  if (stdout.includes('not found')) throw new WrongSystemError(`${binary} loads what is not installed here:\n${stdout}`);
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].flatMap(([, path]) => (path === undefined ? [] : [path]));
}

async function copyInto(target: string, path: string): Promise<void> {
  const copy = join(target, path);
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(path, copy);
}

/** Debian knows a library by the path before or after /lib became a link to /usr/lib. */
async function packageOf(library: string): Promise<string> {
  const real = await realpath(library);
  for (const path of [real.replace(/^\/usr/, ''), real, library]) {
    const owner = await run('dpkg-query', ['--search', path]).catch(() => undefined);
    const name = owner?.stdout.split(':')[0];
    if (name !== undefined) return name;
  }
  throw new WrongSystemError(`no Debian package has ${library}`);
}

async function versionOf(name: string): Promise<string> {
  const { stdout } = await run('dpkg-query', ['--show', '--showformat=${Version}', name]);
  return stdout;
}
