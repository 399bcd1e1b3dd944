/** The sources of a part in one file of JavaScript: a node that starts anew reads one file and strips no types, which halves its CPU. */
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { build } from 'rolldown';

export interface BundleOptions {
  /** A module; sources of workspaces that it imports come along, packages do not. */
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
    // Packages stay what they are: the bill of materials lists them, and some look for files beside their own.
    external: (id, importer) => {
      if (isOurs(id)) return false;
      // What is not a file is the bundler's own.
      if (importer !== undefined && isAbsolute(importer)) assertSamePackage(id, importer, entry);
      return true;
    },
    output: { file, format: 'esm' },
  });
}

function isOurs(id: string): boolean {
  return id.startsWith('.') || id.startsWith('/') || id.startsWith('@vectorcluster/');
}

function assertSamePackage(id: string, importer: string, entry: string): void {
  const [there, here] = [importer, entry].map((from) => createRequire(from).resolve(id));
  if (there !== here) throw new DifferentPackageError(`${importer} has ${id} of ${there}, ${entry} has that of ${here}`);
}
