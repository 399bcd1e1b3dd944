/**
 * A part and the packages it runs with in one file of JavaScript: a process that starts reads one file where there were 900, and strips no
 * types, which takes a quarter of the CPU; and of a large package only what is used is kept in memory.
 */
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import { build } from 'rolldown';

/** Packages that look for files beside their own, by what they look for. */
const apart: ReadonlyMap<string, string> = new Map([
  ['rocksdb-native', 'its native code'],
  ['pino', 'the program of a worker'],
  ['@grpc/grpc-js', 'descriptions of services'],
  ['@grpc/reflection', 'descriptions of services'],
  ['grpc-health-check', 'descriptions of services'],
  ['@opentelemetry/sdk-node', 'all of its parts, which are loaded only where somebody wants traces'],
]);

export interface BundleOptions {
  /** A module; what it imports comes along, but for packages that stand apart. */
  readonly entry: string;
  readonly file: string;
}

export class DifferentPackageError extends Error {
  override readonly name = 'DifferentPackageError';
}

/** Rejects with an error of the bundler that tells of a DifferentPackageError where a package is there in two versions: one file sees only one. */
export async function bundle({ entry, file }: BundleOptions): Promise<void> {
  await build({
    input: entry,
    platform: 'node',
    logLevel: 'warn',
    external: (id, importer) => {
      if (!standsApart(id)) return false;
      // What is not a file is the bundler's own.
      if (importer !== undefined && isAbsolute(importer)) assertSamePackage(id, importer, entry);
      return true;
    },
    output: { file, format: 'esm', codeSplitting: false },
  });
}
/** Whether what is imported by that name is not in the bundle: Node's own modules, and packages that look for files beside their own. */
export function standsApart(id: string): boolean {
  return isBuiltin(id) || apart.has(packageOf(id));
}

function packageOf(id: string): string {
  const [scope = '', name = ''] = id.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

function assertSamePackage(id: string, importer: string, entry: string): void {
  const [there, here] = [importer, entry].map((from) => createRequire(from).resolve(id));
  if (there !== here) throw new DifferentPackageError(`${importer} has ${id} of ${there}, ${entry} has that of ${here}`);
}
