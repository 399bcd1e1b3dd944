/** Runs Helm, which is a program of its own: not everybody who builds this has it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const chartFolder = fileURLToPath(new URL('../vectorcluster', import.meta.url));

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** An object as Helm renders it. */
export type Manifest = z.infer<typeof manifest>;

/** Looked for on PATH; undefined when it is not there. */
export async function helmVersion(): Promise<string | undefined> {
  try {
    return (await helm(['version', '--short'])).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What Helm prints; throws with what it says on failure. */
export async function helm(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('helm', args, { env: { ...process.env, ...environment }, maxBuffer: 16 * 2 ** 20 });
  return stdout;
}

/** `values` are paths and what to set them to, as JSON. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Helm asks no cluster then, so it must be told a version; the objects do not depend on it. */
const kubeVersion = '1.34.0';

/** Read as Kubernetes reads it: `y` is true there. */
export async function template(release: Release): Promise<readonly Manifest[]> {
  const text = await helm(['template', release.name, chartFolder, ...releaseFlags(release), '--kube-version', kubeVersion]);
  return parseAllDocuments(text, { version: '1.1' }).map((document) => manifest.parse(document.toJS()));
}

export function releaseFlags({ namespace, values = {} }: Release): readonly string[] {
  const given = Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`]);
  return ['--namespace', namespace, ...given];
}
