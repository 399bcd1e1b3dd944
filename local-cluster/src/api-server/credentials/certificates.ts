/** The server's certificate, its own authority, kept in the state directory. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { writeDurably } from '../persistence/durable-file.ts';

export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

const validYears = 10;

/** The kept certificate when it is good for this address, else a new one. */
export async function certificateFor(directory: string, host: string, now: Date): Promise<Certificate> {
  const [certPath, keyPath] = [join(directory, 'server.crt'), join(directory, 'server.key')];
  const kept = await readKept(certPath, keyPath);
  if (kept !== undefined && isGood(kept, host, now)) return kept;
  const made = await makeCertificate(host, now);
  await writeDurably(keyPath, made.keyPem);
  await writeDurably(certPath, made.certPem);
  return made;
}

async function readKept(certPath: string, keyPath: string): Promise<Certificate | undefined> {
  try {
    return { certPem: await readFile(certPath, 'utf8'), keyPem: await readFile(keyPath, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isGood({ certPem }: Certificate, host: string, now: Date): boolean {
  const certificate = new X509Certificate(certPem);
  return certificate.checkIP(host) !== undefined && Date.parse(certificate.validTo) > now.getTime();
}

async function makeCertificate(host: string, now: Date): Promise<Certificate> {
  const notAfterDate = new Date(now);
  notAfterDate.setFullYear(now.getFullYear() + validYears);
  const made = await generate([{ name: 'commonName', value: 'vectorcluster-local' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - 60_000),
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: host },
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { certPem: made.cert, keyPem: made.private };
}
