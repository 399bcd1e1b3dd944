/** The software bill of materials of an image: what npm says of the packages, and the files of Debian and Node beside them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import type { SystemPackage } from './system-files.ts';

const run = promisify(execFile);
const outputLimitBytes = 64 * 1024 * 1024;

interface CycloneDx {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly object[];
}

export interface Materials {
  /** A folder with a package.json and node_modules. */
  readonly folder: string;
  readonly node: string;
  readonly system: readonly SystemPackage[];
}

/** CycloneDX as JSON. The same materials give the same text: the serial number is made of the rest, and there is no time. */
export async function billOfMaterials({ folder, node, system }: Materials): Promise<string> {
  const { stdout } = await run('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev'], { cwd: folder, maxBuffer: outputLimitBytes });
  const { serialNumber: _random, metadata, ...rest }: CycloneDx = JSON.parse(stdout);
  const { timestamp: _now, ...lasting } = metadata;
  const components = [
    ...rest.components,
    { type: 'platform', 'bom-ref': `node@${node}`, name: 'node', version: node, purl: `pkg:generic/node@${node}` },
    ...system.map(({ name, version }) => {
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}`;
      return { type: 'library', 'bom-ref': purl, name, version, purl };
    }),
  ];
  const bill = { ...rest, metadata: lasting, components };
  const hash = createHash('sha256').update(JSON.stringify(bill)).digest('hex');
  const serial = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
  return `${JSON.stringify({ ...bill, serialNumber: `urn:uuid:${serial}` }, undefined, 2)}\n`;
}
