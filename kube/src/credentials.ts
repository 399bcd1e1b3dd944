/** The Authorization header of each request. Tokens in files and from plugins change while we run. */
import { readFile } from 'node:fs/promises';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { isRecord } from './json.ts';
import type { User } from '@kubernetes/client-node/dist/config_types.js';

export interface Credentials {
  authorization(): Promise<string | undefined>;
  /** The last answer was 401: do not use a remembered token again. */
  refused(): void;
}

/** Kubelets rotate tokens well before they expire; a minute is what Kubernetes' own clients use. */
const tokenFileMaxAgeMs = 60_000;

export function fixedCredentials(authorization: string | undefined): Credentials {
  return { authorization: () => Promise.resolve(authorization), refused: () => {} };
}

export function fileToken(path: string, now: () => number = () => performance.now()): Credentials {
  let read: { readonly authorization: string; readonly atMs: number } | undefined;
  return {
    async authorization() {
      if (read === undefined || now() - read.atMs > tokenFileMaxAgeMs) {
        read = { authorization: `Bearer ${(await readFile(path, 'utf8')).trim()}`, atMs: now() };
      }
      return read.authorization;
    },
    refused() {
      read = undefined;
    },
  };
}

export function credentialsOf(user: User, tokenFile: string | undefined, inFolder: (path: string) => string): Credentials {
  if (user.token) return fixedCredentials(`Bearer ${user.token}`);
  if (tokenFile !== undefined) return fileToken(inFolder(tokenFile));
  if (user.username) return fixedCredentials(`Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`);
  if (user.exec) return execCredentials(user);
  if (user.authProvider) throw new TypeError(`user ${user.name}: auth-provider is not supported, use exec`);
  return fixedCredentials(undefined);
}

function execCredentials(user: User): Credentials {
  let plugin = new ExecAuth();
  return {
    async authorization() {
      const options: Parameters<ExecAuth['applyAuthentication']>[1] = {};
      await plugin.applyAuthentication(user, options);
      if (options.cert !== undefined)
        throw new TypeError(`user ${user.name}: exec plugins that answer with certificates are not supported`);
      const headers: unknown = options.headers;
      const value = isRecord(headers) ? headers['Authorization'] : undefined;
      return typeof value === 'string' ? value : undefined;
    },
    refused() {
      plugin = new ExecAuth();
    },
  };
}
