/** Which files of a workspace or a package a running process reads, licences included. Paths are relative to its folder. Pure. */

/** Of a workspace: what was built of it. Its sources are in the bundle. */
export function isKeptOfWorkspace(path: string): boolean {
  return path === 'build/engine.node';
}

const readByCompilersOrPeople = /\.([cm]?ts|map|md|markdown|flow|cc|c|h|hpp|gyp|gypi|bare|tsbuildinfo)$/i;
const foldersForDevelopers: ReadonlySet<string> = new Set([
  '.github',
  'docs',
  'test',
  'tests',
  '__tests__',
  'benchmark',
  'benchmarks',
  'examples',
]);

/** Of a package that is in the bundle: what tells which it is, to people and to scanners, and its licence. */
export function isKeptOfBundled(path: string): boolean {
  return path === 'package.json' || isLicence(path);
}

/** Of a package that stands apart: all but what only compilers, people or other platforms read. `platform` is like `linux-x64`. */
export function isKeptOfPackage(path: string, platform: string): boolean {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  if (isLicence(path)) return true;
  if (parts[0] === 'prebuilds' && parts[1] !== platform) return false;
  return !foldersForDevelopers.has(parts[0] ?? '') && !readByCompilersOrPeople.test(name) && name !== 'CMakeLists.txt';
}

function isLicence(path: string): boolean {
  return /^(licen[sc]e|notice|copying)/i.test(path.split('/').at(-1) ?? '');
}
